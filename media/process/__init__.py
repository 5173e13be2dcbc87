"""The media engine as a process of its own: ``client.ProcessEngine`` in the window, ``python -m media.process`` beside.

Commands and events go as JSON over a local channel that both ends prove a key on; pictures through shared memory.
The process outlives its window: call and recording go on, and the next window of the same user attaches to them.
"""
