package crawl

import (
	"hash/maphash"
	"math"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// A charsetModel says how many bits the bytes of a name cost if they are text of the charset's languages:
// minus the logarithm of their probability. All models price the same bytes, so their
// sums compare as they are. What tells charsets apart is in the numbers:
//
//   - how often each letter or character occurs in the languages;
//   - how often a byte above ASCII occurs at all: seldom in the West, nearly always in Russian or Chinese;
//   - which neighbours are odd: a capital after a small letter, a Cyrillic letter beside a Latin one, a
//     sign amid a word.
type charsetModel struct {
	name   string
	prior  float64          // bits that the charset as a whole is behind, for being rare
	single []*[256]charInfo // one a language
	double *doubleByte
}

// languages returns the number of prices that bits gives.
func (m *charsetModel) languages() int { return max(1, len(m.single)) }

// ASCII costs the same in every model: what varies is above it.
const asciiBits = 6

// charInfo is a byte of a single-byte charset.
type charInfo struct {
	r     rune
	bits  float32
	class charClass
	latin bool
}

type charClass uint8

const (
	noChar charClass = iota
	other            // digit, blank, punctuation
	symbol           // the same above ASCII
	lower
	upper
	caseless
)

func (c charClass) letter() bool { return c >= lower }

// What is odd costs this many bits.
const (
	capitalInside = 5  // after a small letter
	capitalAfter  = 1  // another capital
	capitalFirst  = 1  // of a word
	foreignLetter = 6  // Latin beside another script
	signInside    = 5  // between letters
	rareSign      = 18 // a box, a control character
)

// The letters beyond ASCII of languages, each followed by how often it occurs among a thousand of them, as counted
// in translations; capitals are found by their places. Of scripts other than Latin the order is
// enough: each letter is decay times as frequent as the one before it.
var (
	western = []alphabet{
		{letters: "é150ä120ü120ö100á60ó60í50ß40ç40ã40ñ40è40à40å40ê20ø30ú20æ20ô10â10î10ï5ë5õ10ò5ù5û5ì5ý2ð1þ1œ1ÿ1", nonASCII: .06, latin: true},
		{letters: "ü420ä280ö230ß70é5", nonASCII: .07, latin: true},                         // German
		{letters: "é620è110à100ê60ç30ô25î20û10â10ï5ù5ë5œ3", nonASCII: .08, latin: true},    // French
		{letters: "ó350á240í200é120ñ100ú50ü3", nonASCII: .07, latin: true},                 // Spanish
		{letters: "ã280ç190á130í110é100ó70õ50ê40ú30â15à10ô10", nonASCII: .09, latin: true}, // Portuguese
		{letters: "è370à250ò150é100ù100ì30", nonASCII: .05, latin: true},                   // Italian
		{letters: "ó190à180é160è110í110ò60ç50ú40ï20ü10", nonASCII: .07, latin: true},       // Catalan
		{letters: "ä480ö300å200é10", nonASCII: .1, latin: true},                            // Swedish, Finnish
		{letters: "ø340å330æ300é20", nonASCII: .08, latin: true},                           // Danish, Norwegian
		{letters: "í230ð200á170ó100ú70ý60æ45ö60þ40é25", nonASCII: .13, latin: true},        // Icelandic
		{letters: "ä350õ300ü250ö100š10ž10", nonASCII: .08, latin: true},                    // Estonian
	}
	central = []alphabet{
		{letters: "ł180ż120ę120ą110ś100ó100ć90ń40ź12", nonASCII: .1, latin: true},                       // Polish
		{letters: "í220á180ř90é80č75ý70ž65ě50š50ů25ú20ó5ň5ť3ď2ľ20ô5ä5ĺ1ŕ1", nonASCII: .15, latin: true}, // Czech, Slovak
		{letters: "á310é250í90ó90ö70ő60ü40ú25ű15", nonASCII: .15, latin: true},                          // Hungarian
		{letters: "ă430ţ150ş150î90â60ț1ș1", nonASCII: .1, latin: true},                                  // Romanian
		{letters: "č280š210ž150ć130đ60", nonASCII: .07, latin: true},                                    // Croatian, Slovene
	}
	turkish   = []alphabet{{letters: "ı380ş120ç115ü130ğ80ö80İ25â2î1", nonASCII: .13, latin: true}}
	greek     = []alphabet{{letters: "αοετνιρσμηκπυςλίγδήέάόχωθφύβώξζψϊΐϋΰ", nonASCII: .8}}
	russian   = []alphabet{{letters: "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", nonASCII: .8}}
	ukrainian = []alphabet{{letters: "оаеинітсрвлкмдпуяьгзбчйхжшюцщфєїыэъґё", nonASCII: .8}}
	hebrew    = []alphabet{{letters: "יוהלתמראנבקשפסדגטעםחןכצזךץף", nonASCII: .8}}
	arabic    = []alphabet{{letters: "اليمروةتندفسبعكحقجصأهطخغشإزذضىثئءظؤآ", nonASCII: .8}}
)

// An alphabet is what is known of a language.
type alphabet struct {
	letters  string
	nonASCII float64 // share of the bytes of a name that has any
	latin    bool
}

const decay = 0.9

// frequencies returns how often each letter occurs among those that the charset has.
//
// The fewer it has, the likelier each of them is: where IBM437 and IBM850 read the same, names in
// IBM850 would have shown others by and by.
func (a *alphabet) frequencies(e *charmap.Charmap) map[rune]float64 {
	f := make(map[rune]float64)
	var last rune
	sum, p := 0., 1.
	for _, r := range a.letters {
		if '0' <= r && r <= '9' {
			f[last] = 10*f[last] + float64(r-'0')
			continue
		}
		last = r
		if f[r] = 0; !a.latin {
			f[r] = p
			p *= decay
		}
	}
	for r, n := range f {
		if _, ok := e.EncodeRune(r); !ok {
			delete(f, r)
			continue
		}
		sum += n
	}
	for r := range f {
		f[r] /= sum
	}
	return f
}

// signBits is what signs beyond ASCII cost that names do hold.
var signBits = map[rune]float32{
	'–': 8, '—': 9, '’': 8, '‘': 10, '“': 10, '”': 10, '„': 10, '…': 10, '«': 10, '»': 10, '°': 9, '·': 10, '•': 11,
	'©': 10, '®': 10, '™': 10, '€': 11, '£': 12, '§': 11, '№': 8, '½': 11, '¼': 12, '²': 10, '³': 11, '´': 10, '×': 11,
	'π': 13, 'α': 13, 'Σ': 13, 'Ω': 13, 'δ': 13, '¡': 12, '¿': 11, 'ª': 11, 'º': 9, '±': 12, 'µ': 11, '\u00a0': 12,
}

// charsetModels returns the candidates, the commonest first where several read the same.
var charsetModels = sync.OnceValue(func() []*charsetModel {
	single := func(name string, prior float64, e *charmap.Charmap, languages []alphabet) *charsetModel {
		m := &charsetModel{name: name, prior: prior}
		for i := range languages {
			m.single = append(m.single, newSingleByte(e, &languages[i]))
		}
		return m
	}
	double := func(name string, prior float64, e encoding.Encoding, common string, classes []pairClass) *charsetModel {
		return &charsetModel{name: name, prior: prior, double: newDoubleByte(e, common, classes)}
	}
	return []*charsetModel{
		single("windows-1252", 0, charmap.Windows1252, western),
		single("IBM850", 2, charmap.CodePage850, western),
		single("IBM437", 2, charmap.CodePage437, western),
		single("windows-1251", 0, charmap.Windows1251, russian),
		single("KOI8-R", 0, charmap.KOI8R, russian),
		single("IBM866", 0, charmap.CodePage866, russian),
		single("KOI8-U", 2, charmap.KOI8U, ukrainian),
		single("ISO-8859-5", 4, charmap.ISO8859_5, russian),
		single("windows-1250", 2, charmap.Windows1250, central),
		single("ISO-8859-2", 2, charmap.ISO8859_2, central),
		single("IBM852", 3, charmap.CodePage852, central),
		single("windows-1254", 4, charmap.Windows1254, turkish),
		single("windows-1253", 3, charmap.Windows1253, greek),
		single("windows-1255", 4, charmap.Windows1255, hebrew),
		single("windows-1256", 4, charmap.Windows1256, arabic),
		double("Shift_JIS", 0, japanese.ShiftJIS, commonJapanese, []pairClass{
			{0x829f, 0x82f1, 6.5, 0}, {0x8340, 0x8396, 6.5, 0}, {0x8140, 0x81fc, 13, 0}, {0x824f, 0x829a, 10, 0},
			{0x889f, 0x9872, 12.5, 0}, {0x989f, 0xeaa4, 18, 0}, {0x8740, 0x879c, 15, 0}, {0xa1, 0xdf, 14, 8},
		}),
		double("EUC-JP", 0, japanese.EUCJP, commonJapanese, []pairClass{
			{0xa4a1, 0xa4f3, 6.5, 0}, {0xa5a1, 0xa5f6, 6.5, 0}, {0xa1a1, 0xa2fe, 13, 0}, {0xa3a1, 0xa3fa, 10, 0},
			{0xb0a1, 0xcfd3, 12.5, 0}, {0xd0a1, 0xf4a6, 18, 0}, {0x8ea1, 0x8edf, 14, 8},
		}),
		double("GB18030", 0, simplifiedchinese.GB18030, commonSimplified, []pairClass{
			{0xb0a1, 0xd7f9, 13, 0}, {0xd8a1, 0xf7fe, 17.5, 0}, {0xa1a1, 0xa3fe, 10, 0}, {0xa4a1, 0xa9fe, 18, 0}, {0x8140, 0xfefe, 21, 0},
		}),
		double("Big5", 1, traditionalchinese.Big5, commonTraditional, []pairClass{
			{0xa440, 0xc67e, 13, 0}, {0xc940, 0xf9d5, 18, 0}, {0xa140, 0xa3bf, 10, 0}, {0x8740, 0xfefe, 21, 0},
		}),
		double("EUC-KR", 0, korean.EUCKR, commonKorean, []pairClass{
			{0xb0a1, 0xc8fe, 12.5, 0}, {0xcaa1, 0xfdfe, 18, 0}, {0xa1a1, 0xa3fe, 10, 0}, {0x8141, 0xfefe, 20, 0},
		}),
	}
})

// bits prices a name in a language; +Inf if the charset has no such text.
func (m *charsetModel) bits(name string, language int) float64 {
	if m.double != nil {
		return m.double.price(name)
	}
	return priceSingle(m.single[language], name)
}

// readSeed is that of the hashes that read returns.
var readSeed = maphash.MakeSeed()

// read returns a hash of the text that the charset makes of a name, by which charsets that read alike can be
// told. Of those with characters of two bytes, no two do.
func (m *charsetModel) read(name string) uint64 {
	if m.double != nil {
		return maphash.String(readSeed, m.name)
	}
	var buf [4 * 255]byte
	text := buf[:0]
	for i := range len(name) {
		text = utf8.AppendRune(text, m.single[0][name[i]].r)
	}
	return maphash.Bytes(readSeed, text)
}

func newSingleByte(e *charmap.Charmap, a *alphabet) *[256]charInfo {
	frequency := a.frequencies(e)
	var table [256]charInfo
	for b := range 256 {
		r := e.DecodeByte(byte(b))
		c := charInfo{r: r, bits: asciiBits, class: other}
		small := unicode.ToLower(r)
		if frequency[r] > 0 {
			small = r // İ is a letter of its own
		}
		switch {
		case r < utf8.RuneSelf:
			switch {
			case 'a' <= r && r <= 'z':
				c.class, c.latin = lower, true
			case 'A' <= r && r <= 'Z':
				c.class, c.latin = upper, true
			}
		case r == utf8.RuneError:
			c.class = noChar
		case frequency[small] > 0:
			c.bits = float32(-math.Log2(a.nonASCII * frequency[small]))
			c.latin = a.latin
			switch {
			case unicode.IsUpper(r):
				c.class = upper
			case unicode.IsLower(r):
				c.class = lower
			default:
				c.class = caseless
			}
		case signBits[r] > 0:
			c.class, c.bits = symbol, signBits[r]
		case unicode.IsLetter(r):
			// A letter of another language.
			c.class, c.bits, c.latin = caseless, 14, unicode.Is(unicode.Latin, r)
		case unicode.IsMark(r):
			c.class, c.bits = caseless, 14
		default:
			c.class, c.bits = symbol, rareSign
		}
		table[b] = c
	}
	return &table
}

func priceSingle(table *[256]charInfo, name string) float64 {
	bits := 0.
	var before, prev *charInfo // before prev
	for i := range len(name) {
		c := &table[name[i]]
		if c.class == noChar {
			return math.Inf(1)
		}
		bits += float64(c.bits)
		if prev != nil && (name[i] >= 0x80 || name[i-1] >= 0x80) {
			switch {
			case prev.class.letter() && c.class.letter():
				if prev.latin != c.latin {
					bits += foreignLetter
				}
				switch {
				case c.class != upper:
				case prev.class == lower:
					bits += capitalInside
				case prev.class == upper:
					bits += capitalAfter
				}
			case c.class == upper:
				bits += capitalFirst
			case c.class.letter() && prev.class == symbol && before != nil && before.class.letter():
				bits += signInside
			}
		} else if prev == nil && c.class == upper && name[i] >= 0x80 {
			bits += capitalFirst
		}
		before, prev = prev, c
	}
	return bits
}

// A doubleByte prices characters of two bytes, and of one above ASCII.
type doubleByte struct {
	pair [1 << 16]uint8 // in 1/10 bits; 0: none
	one  [256]uint8
	next [256]uint8 // the same after another of one byte
	four bool       // GB18030 has characters of four bytes
	lead [256]bool
}

// A pairClass is a range of characters, as the two bytes of a big-endian number, that cost the same; one
// byte if high is below 256. After another of its kind, one of a single byte costs again.
type pairClass struct {
	low, high   uint16
	bits, again float64
}

func newDoubleByte(e encoding.Encoding, common string, classes []pairClass) *doubleByte {
	d := new(doubleByte)
	decoder := e.NewDecoder()
	var dst [16]byte
	for lead := 0x80; lead < 0x100; lead++ {
		for trail := 0x40; trail < 0x100; trail++ {
			decoder.Reset()
			n, _, err := decoder.Transform(dst[:], []byte{byte(lead), byte(trail)}, true)
			r, size := utf8.DecodeRune(dst[:n])
			if err != nil || n == 0 || size != n || r == utf8.RuneError {
				continue
			}
			code := uint16(lead)<<8 | uint16(trail)
			for _, c := range classes {
				if c.low <= code && code <= c.high && c.high > 0xff {
					if c.low&0xff == 0xa1 && trail < 0xa1 {
						continue // of an extension between the rows of ISO 2022
					}
					d.pair[code] = uint8(10 * c.bits)
					d.lead[lead] = true
					break
				}
			}
		}
	}
	for _, c := range classes {
		for b := c.low; c.high <= 0xff && b <= c.high; b++ {
			d.one[b], d.next[b] = uint8(10*c.bits), uint8(10*c.again)
		}
	}
	// The commonest characters are three quarters of a text, by Zipf's law with a flat head.
	const flat, share = 20, 0.75
	n := utf8.RuneCountInString(common)
	sum := 0.
	for rank := range n {
		sum += 1 / float64(rank+flat)
	}
	encoder := e.NewEncoder()
	rank := 0
	for _, r := range common {
		if b, err := encoder.Bytes([]byte(string(r))); err == nil && len(b) == 2 {
			bits := -math.Log2(share / (float64(rank+flat) * sum))
			code := uint16(b[0])<<8 | uint16(b[1])
			d.pair[code] = min(d.pair[code], uint8(10*bits))
		}
		rank++
	}
	_, _, err := e.NewDecoder().Transform(dst[:], []byte{0x81, 0x30, 0x81, 0x30}, true)
	d.four = err == nil && strings.HasPrefix(string(dst[:]), "\u0080")
	return d
}

func (d *doubleByte) price(name string) float64 {
	// Characters come in runs: the first of one costs more than the next.
	const begin, goOn, amidLetters = 25, 5, 30
	tenths := 0
	again, run := false, false
	for i := 0; i < len(name); i++ {
		b := name[i]
		if b < 0x80 {
			tenths += 10 * asciiBits
			again, run = false, false
			continue
		}
		switch {
		case run:
			tenths += goOn
		case i > 0 && isASCIILetter(name[i-1]):
			tenths += begin + amidLetters
		default:
			tenths += begin
		}
		run = true
		if c := d.one[b]; c > 0 {
			if again {
				c = d.next[b]
			}
			tenths += int(c)
			again = true
			continue
		}
		again = false
		if i+1 == len(name) {
			return math.Inf(1)
		}
		if c := d.pair[uint16(b)<<8|uint16(name[i+1])]; c > 0 {
			tenths += int(c)
			i++
			continue
		}
		if d.four && i+3 < len(name) && '0' <= name[i+1] && name[i+1] <= '9' && name[i+2] >= 0x81 && '0' <= name[i+3] && name[i+3] <= '9' {
			tenths += 300
			i += 3
			continue
		}
		return math.Inf(1)
	}
	return float64(tenths) / 10
}

func isASCIILetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }
