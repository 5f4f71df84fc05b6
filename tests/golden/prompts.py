"""Prompts that are hard to cut into tokens in the same way twice."""

WORDS = [
    "", " ", "   ", "\t\n \r", "a", "A", "I", "cat", "a photo of a cat", "A PHOTO OF A CAT", "A Photo Of A cAt",
    "a  photo   of\ta\ncat", "  leading and trailing  ", "photo,of,a,cat", "photo ,of , a, cat.", "hello world!",
    "hello world !", "wow!!! amazing???", "what?! no...", "a man; a plan: a canal - panama", "(nested (brackets))",
    "[square] {curly} <angle>", "((masterpiece)), (best quality:1.2), [low]", "a|b||c", "one/two\\three",
    "e-mail: someone@example.com", "https://example.com/a?b=c&d=e#f", "#hashtag @user $5 50% 5€ £3 ¥7", "a_b__c___d",
    "`code` ~tilde~ ^caret^ *star* =equals= +plus+", "\"double\" 'single' “curly” ‘curly’ «guillemets» „low“",
    "ellipsis… dash – em — minus − hyphen- soft\u00adhyphen", "&amp; &lt;b&gt; &#39; &nbsp;",
]  # fmt: skip

CONTRACTIONS = [
    "it's", "don't", "you're", "we've", "i'm", "they'll", "she'd", "IT'S DON'T YOU'RE WE'VE I'M THEY'LL SHE'D",
    "it’s don’t you’re", "rock'n'roll", "o'clock", "'s", "'t 're 've 'm 'll 'd", "' s", "the cats' toys", "''s", "'st",
    "y'all'd've", "dogs's's", "l'été d'Anna", "it 's", "'S 'T", "a's5", "5's", "!'s",
]  # fmt: skip

NUMBERS = [
    "1", "12", "123 4567", "3.14159", "1,000,000", "2nd 3rd 4th", "4k 8k uhd", "1girl 2boys", "f/1.8 50mm iso100",
    "½ ⅓ ² ³ ₁ Ⅳ ⅷ ①", "٣ १२ 三 ๕", "0x1F 1e-5", "v1.5", "16:9", "1999s", "٠١٢٣", "𝟙𝟚𝟛", "10²³",
]  # fmt: skip

ACCENTS = [
    "café", "cafe\u0301", "naïve façade", "nai\u0308ve fac\u0327ade", "Ångström", "A\u030angstro\u0308m", "\u212bngstro\u0308m",
    "ÉCOLE ÀÉÎÕÜ", "Straße GROẞ ß", "İstanbul Iğdır ıI", "ΟΔΥΣΣΕΥΣ Σίσυφος ς σ", "Ǆ ǅ ǆ", "ﬁ ﬂ ﬃ", "ﬁancé", "Łódź żółć",
    "Dvořák čeština", "Tiếng Việt", "Tie\u0302\u0301ng Vie\u0323\u0302t", "q\u0307\u0323", "q\u0323\u0307", "Ω Ω K K",
    "e\u0301\u0301\u0301\u0301", "\u0301", "a \u0301b", "Z̸̡͓a̷l̵g̶o̴", "ﷺ", "ĳ Ĳ", "ŉ", "ſ ſt", "ΐ ΰ", "K",
]  # fmt: skip

SCRIPTS = [
    "猫の写真", "一只可爱的猫", "고양이 사진", "고양이", "ｆｕｌｌ　ｗｉｄｔｈ", "ｶﾞ カ\u3099 ガ", "日本語とEnglish混在123",
    "кошка на крыше", "КОШКА Ёлка", "її й и\u0306", "صورة قطة", "قِطَّة", "חתול חמוד", "שָׁלוֹם", "a \u202bקטן\u202c b", "नमस्ते दुनिया",
    "தமிழ்", "ภาษาไทย", "ខ្មែរ", "မြန်မာ", "ᚠᛇᚻ", "ⲁⲃⲅ", "Ꭰ ꭰ", "Ა ა", "𐐀 𐐨", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "𒀀𒀁", "ꙮ", "ⓐⒷ", "ʰʲˤ", "ªº",
]  # fmt: skip

EMOJI = [
    "😀", "a 😀 cat", "😀😀😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇫🇷", "❤️ ❤", "☃️☃", "1️⃣", "👨🏿‍🚀 on the 🌙", "😀cat😀", "cat😀's",
    "🫠🫨🩷", "©®™", "→←↑↓", "♠♥♦♣", "█▓▒░", "∑∫√∞≠", "\ufe0f", "\u200d", "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
]  # fmt: skip

SPACES = [
    "a\u00a0b", "a\u2003b\u2009c", "a\u3000b", "a\u200bb", "a\u2028b\u2029c", "a\u0085b", "a\u1680b", "a\u180eb", "a\u202fb\u205fc",
    "a\ufeffb", "\ufeffa", "a\x0bb\x0cc", "a\x1cb\x1db\x1eb\x1fb", "a\x00b", "\x01\x02\x7f", "a\u2060b", "a\r\nb", "\u00a0", "\u3000 \u2003",
    "x \u00a0\u2003 y", "\x80\x9f", "\ufffd", "\uffff", "\U0010ffff", "\ue000",
]  # fmt: skip

SPECIAL = [
    "<|endoftext|>", "<|startoftext|>", "a <|endoftext|> b", "a<|endoftext|>b", "<|startoftext|>a cat<|endoftext|>",
    "<|ENDOFTEXT|>", "<|StartOfText|> x", "<|endoftext", "<| endoftext |>", "<|endoftext|><|endoftext|>", "a!b!c", "! ! !!", "!",
    "Hi!<|endoftext|>!", "</w>", "a</w>", "<|endoftext|>'s", "Ġ Ċ", "<e>\u0301<|endoftext|>", "\u00a0<|endoftext|>\u00a0",
]  # fmt: skip

LONG = [
    "cat " * 74, "cat " * 75, "cat " * 76, "cat " * 200, "supercalifragilisticexpialidocious" * 4, "a" * 100, "A" * 1000,
    "!" * 90, "1" * 90, "猫" * 60, "😀" * 60, "é" * 100, "e\u0301" * 100, "x " * 70 + "İ ß 猫 😀 and more than fits here, surely",
    "word, " * 60, "cat " * 74 + "😀 dog", "<|endoftext|>" * 80, " ".join(str(number) for number in range(80)),
    "Donaudampfschifffahrtsgesellschaftskapitän, Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz",
    "a highly detailed matte painting of an old lighthouse by the sea at night, dramatic lighting, artstation, 8k, "
    "sharp focus, intricate, elegant, smooth, illustration, by greg rutkowski and alphonse mucha, trending, volumetric "
    "light, octane render, unreal engine, cinematic composition, golden hour, award winning photograph, bokeh",
]  # fmt: skip

PROMPTS = [*WORDS, *CONTRACTIONS, *NUMBERS, *ACCENTS, *SCRIPTS, *EMOJI, *SPACES, *SPECIAL, *LONG]
