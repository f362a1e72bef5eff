package query

import "strings"

// kinds are the extensions of each kind of file, in the order of kindWords.
var kinds = map[string]string{
	"image":   "jpg jpeg png gif bmp tif tiff webp svg ico pcx tga ppm pgm pbm xpm psd xcf iff ilbm lbm heic avif jxl jp2",
	"video":   "avi mkv mp4 m4v mov qt mpg mpeg m2v wmv asf flv webm ogv vob m2ts 3gp rm rmvb divx fli flc",
	"audio":   "mp3 ogg oga opus flac wav wma m4a aac ape wv aif aiff au mid midi mod s3m xm it sid ra mpc",
	"archive": "zip rar 7z tar gz tgz bz2 tbz2 xz txz zst lz lzma z lha lzh lzx arj arc zoo ace sit hqx cab cpio",
	"doc":     "pdf ps doc docx rtf odt txt md rst tex dvi djvu epub mobi chm hlp htm html xls xlsx ods ppt pptx odp nfo",
	"disk":    "iso img nrg mdf mds cue ccd cdi toast dmg vhd vhdx vmdk vdi qcow2 ova ima dsk adf hdf d64 fdi",
	"exe":     "exe com msi bat cmd scr dll apk ipa jar deb rpm pkg run appimage snap xpi",
	"code":    "c h cc cpp cxx hpp cs java go rs py pl pm rb php js ts sh lua asm s pas bas f sql",
}

// KindExtensions returns the folded extensions of a kind, the Value of a text leaf on Kind.
func KindExtensions(kind string) []string { return strings.Fields(kinds[kind]) }
