// What the element says, in the language of the place it stands in.

const WORDS = {
  en: {
    prompt: 'What should the picture show?',
    generate: 'Generate',
    cancel: 'Cancel',
    save: 'Save',
    picture: (prompt) => (prompt ? `Picture: ${prompt}` : 'Picture'),
    progress: 'Progress',
    waiting: 'Waiting for another picture',
    loading: 'Loading the model',
    downloading: (percent) => `Fetching the model: ${percent} %`,
    step: (done, total) => `Step ${done} of ${total}`,
    encoding: 'Reading the picture',
    generating: 'Painting',
    decoding: 'Finishing the picture',
    ready: 'The model is ready.',
    done: 'The picture is there.',
    stopped: 'Stopped.',
    left: (seconds) => (seconds < 90 ? `${seconds} s left` : `${Math.round(seconds / 60)} min left`),
    wrong: ({ message, nextStep }) => `${message} ${nextStep}`.trim(),
  },
  zh: {
    prompt: '想画什么？',
    generate: '生成',
    cancel: '取消',
    save: '保存',
    picture: (prompt) => (prompt ? `图片：${prompt}` : '图片'),
    progress: '进度',
    waiting: '正在等待另一张图片完成',
    loading: '正在载入模型',
    downloading: (percent) => `正在下载模型：${percent}%`,
    step: (done, total) => `第 ${done} 步，共 ${total} 步`,
    encoding: '正在读取图片',
    generating: '正在作画',
    decoding: '正在完成图片',
    ready: '模型已就绪。',
    done: '图片已生成。',
    stopped: '已停止。',
    left: (seconds) => (seconds < 90 ? `还需 ${seconds} 秒` : `还需 ${Math.round(seconds / 60)} 分钟`),
    // What the engine adds is in English.
    wrong: ({ code, message }) => `${CHINESE[code] ?? '出错了。'}（${message}）`,
  },
};

const CHINESE = {
  'invalid-request': '某项设置无法使用，请更改后重试。',
  'engine-missing': '引擎无法启动。请检查网络后重试。',
  'engine-gone': '引擎意外停止。请重试；若再次停止，请选择更小的尺寸。',
  'no-gpu': '此设备无法在 GPU 上运行该模型。请改用 CPU。',
  gpu: 'GPU 出错。请重试，选择更小的尺寸，或改用 CPU。',
  'gpu-lost': '与 GPU 的连接中断。请重试。',
  'out-of-memory': '显存不足。请选择更小的尺寸，或改用 CPU。',
  network: '无法获取模型。请检查网络后重试。',
  storage: '浏览器无法保存模型，每次访问都要重新下载。请腾出一些磁盘空间。',
  'missing-file': '模型不完整。请检查文件是否齐全。',
  'not-a-checkpoint': '这不是可用的模型。请换一个模型。',
  'invalid-config': '无法读取模型的配置。请重新获取该模型。',
  unsupported: '暂不支持该模型。请换一个模型。',
  'corrupt-weights': '模型文件已损坏。请重试以重新下载。',
  'tensor-mismatch': '模型的权重与配置不符。请重新获取该模型。',
  tokenizer: '无法建立分词器。请重新获取该模型。',
  image: '无法读取图片。请换一张图片。',
  internal: '发生了意外错误。请向我们反馈。',
};

/** The words for an element: by the nearest `lang`, else by the browser's language. */
export function wordsFor(element) {
  const language = nearestLanguage(element) || navigator.language;
  return /^zh\b/i.test(language) ? WORDS.zh : WORDS.en;
}

function nearestLanguage(element) {
  for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
    if (at.hasAttribute('lang')) return at.getAttribute('lang');
  }
  return '';
}
