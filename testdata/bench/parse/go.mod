module github.com/ftpidx/ftpidx/testdata/bench/parse

go 1.25.0

require (
	github.com/ftpidx/ftpidx v0.0.0
	github.com/jlaffaye/ftp v0.2.4
)

replace github.com/ftpidx/ftpidx => ../../..
