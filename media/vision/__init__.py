"""Reading ID cards and comparing faces, offline and on the processor. No aiortc, nothing of signing.

Everything here is advice to a person, never a decision. The models, none of them in this repository:

===========================  ==========================================  ============================================
model                        comes from                                  licence
===========================  ==========================================  ============================================
PP-OCRv6 det/rec small       the ``rapidocr`` wheel (Apache-2.0)         Apache-2.0, © Baidu/PaddleOCR, as stated in
                                                                         the wheel's MODEL_LICENSES.md
dlib 5-point landmarks,      the files of ``face_recognition_models``,   CC0 1.0 / public domain (Davis King,
dlib face ResNet             read without importing the package          dlib-models)
dlib frontal HOG detector    compiled into ``dlib-bin``                  Boost Software License 1.0
===========================  ==========================================  ============================================

The same package also carries dlib's 68-point landmarks. They were trained on iBUG 300-W, whose licence excludes
commercial use: they are never opened here, and an installer should leave the file out.

The ResNet was trained mostly on faces of Western celebrities. How well it tells Chinese faces apart is unproven, so
the thresholds in ``media.vision.faces`` only choose words of advice.
"""
