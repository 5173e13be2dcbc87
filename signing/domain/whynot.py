"""Why the machine refused, in Chinese: its own words are English."""

import errno

_REASONS = {
    errno.ENOENT: "没有这个文件或目录",
    errno.EISDIR: "这是一个目录，不是文件",
    errno.ENOTDIR: "路径当中有一段不是目录",
    errno.EEXIST: "已经存在，不会覆盖",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "磁盘是只读的",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "超过了磁盘配额",
    errno.EMFILE: "打开的文件太多",
    errno.ENAMETOOLONG: "名字太长",
    errno.ELOOP: "链接绕成了圈",
    errno.EADDRINUSE: "端口已被占用",
    errno.EADDRNOTAVAIL: "这不是本机的地址",
    errno.ECONNREFUSED: "对方没有应答",
    errno.EPIPE: "接收的一方已经关闭",
    errno.EIO: "磁盘读写出错",
}


def why(error: OSError) -> str:
    """A few words, to stand between brackets; of what is rare, the number."""
    if error.errno is None:
        return "读写失败"
    return _REASONS.get(error.errno, f"系统错误 {error.errno}")
