package index

// A Server is the FTP server that documents come from. It is shared by its documents and not changed after the first.
type Server struct {
	Scheme   string // "ftp", "ftpes" or "ftps"
	User     string // "" for anonymous logins
	Host     string // lower case; IPv6 without brackets
	Port     int
	LoginDir string // working directory after login, absolute; "" is "/"
	Charset  string // IANA name of the charset of its pathnames; "" is not known
}
