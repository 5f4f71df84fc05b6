//! What is said of addresses, downloads and the browser's store.

/// English and Chinese.
pub(super) const PHRASES: &[(&str, &str)] = &[
    // Addresses.
    (
        "name a model of the Hub as owner/name, or give an address",
        "请写 Hub 上的模型名 owner/name，或给出网址",
    ),
    (
        "only addresses that begin with https:// or http:// can be fetched",
        "只支持以 https:// 或 http:// 开头的网址",
    ),
    ("that is not an address", "这不是网址"),
    ("that is not an address of a folder", "这不是文件夹的网址"),
    (
        "a model of the Hub is named owner/name; any other needs an address",
        "Hub 上的模型写作 owner/name，其他模型需要网址",
    ),
    (
        "that is neither owner/name on the Hub nor an address",
        "这既不是 Hub 上的 owner/name，也不是网址",
    ),
    (
        "of a repository only a .safetensors file can be named; for a folder, paste its address",
        "仓库中只能指定 .safetensors 文件；若是文件夹，请粘贴它的网址",
    ),
    ("the address names no server", "网址中没有服务器名"),
    (
        "that is no model on the Hub; a model's address ends in owner/name",
        "这不是 Hub 上的模型；模型网址以 owner/name 结尾",
    ),
    (
        "of single files only .safetensors can be read; give that, or the folder in diffusers layout",
        "单个文件只支持 .safetensors；请给出它，或 diffusers 格式的文件夹",
    ),
    (
        "there is no .safetensors file among them; choose one, or a folder in diffusers layout",
        "其中没有 .safetensors 文件；请选择一个，或选择 diffusers 格式的文件夹",
    ),
    // Files of the user's own.
    ("a choice of files", "所选文件"),
    ("the chosen files", "所选文件"),
    // Downloads.
    (
        "{reason} and asks to try again in {minutes} minutes",
        "{reason}，并要求 {minutes} 分钟后再试",
    ),
    (
        "its server was not reached, or does not let other pages read it (CORS)",
        "无法连接其服务器，或服务器不允许其他网页读取（CORS）",
    ),
    ("the server answered {status}", "服务器返回 {status}"),
    ("the server does not answer", "服务器没有响应"),
    ("the server does not say how long the file is", "服务器没有给出文件长度"),
    ("the server sent another part of it", "服务器发来的是另一部分"),
    ("the server cannot send this part of it", "服务器无法发送这一部分"),
    ("the server speaks of another version of it again and again", "服务器上的版本反复变化"),
    ("the connection fell silent", "连接中断，没有数据"),
    ("the connection ended early", "连接提前结束"),
    ("it changed while it was fetched", "下载期间文件发生了变化"),
    ("it is longer than any config or vocabulary", "它比任何配置或词表都长"),
    ("the browser does not say why", "浏览器没有说明原因"),
    (
        "the file ends at byte {end}, before byte {byte}",
        "文件在第 {end} 字节处结束，不到第 {byte} 字节",
    ),
    // The browser's store.
    (
        "{reason}; leave private browsing or free some disk space",
        "{reason}；请退出无痕浏览，或腾出一些磁盘空间",
    ),
    ("there is no room for them; free some disk space", "空间不足；请腾出一些磁盘空间"),
    (
        "a newer version of this page has kept models here; reload the page",
        "本页的更新版本已在此保存过模型；请重新加载页面",
    ),
    ("another tab uses its database", "另一个标签页正在使用其数据库"),
    ("its database does not answer", "其数据库没有响应"),
    ("it has no IndexedDB here", "此处没有 IndexedDB"),
    ("it gave up a write to its database", "它放弃了一次数据库写入"),
    ("a chunk is no value", "有一段数据无法写入"),
    ("it gave up a write", "它放弃了一次写入"),
    ("no IndexedDB", "没有 IndexedDB"),
];
