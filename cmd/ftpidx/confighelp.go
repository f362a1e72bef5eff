package main

// configHelp is the topic config. What stands in it as a file is one: a test reads it.
const configHelp = `Nobody needs a configuration file. Where there is one, it changes the defaults of flags, for
all servers or for some. It is the file that --config or $FTPIDX_CONFIG names, else
$XDG_CONFIG_HOME/ftpidx/config.toml, else ~/.config/ftpidx/config.toml, and is written in TOML.

A flag on the command line comes before the environment, the environment before the file, and the
file before what is built in. In the environment a flag of a command is FTPIDX_COMMAND_FLAG, as
FTPIDX_CRAWL_MAX_RATE or FTPIDX_SEARCH_SORT, and a flag of all commands FTPIDX_DATA, FTPIDX_QUIET or
FTPIDX_VERBOSE. In the file the table of a command holds its flags by their names. A key that is
not known is an error, and so is a variable that begins as those of the command do.

What is said of a server counts for crawls of it, unless a flag or the environment says otherwise.
It is named as ftpidx servers prints it; with * and ? it is a pattern over such names. The table
with the very name comes first, then patterns from the last one up; excludes add up.

Example:

` + configExample + `
Passwords are never in the file: they come from password_command, $FTPIDX_PASSWORD or ~/.netrc, for
URLs with a user.
`

// configExample is a file that says something of everything.
const configExample = `    # Flags of all commands.
    data = "/srv/ftpidx"        # whole, or from ~/; else ~/.local/share/ftpidx
    quiet = false

    # Defaults of ftpidx crawl: every flag in its --help, without the dashes.
    [crawl]
    contact = "me@example.org"  # the password of anonymous logins
    connections = 2
    rate = 20
    delay = "100ms"
    exclude = ["lost+found", "/pub/old*"]

    # The same for any other command.
    [search]
    limit = 50
    sort = "-date"
    facets = ["host", "ext"]

    # All servers of one domain.
    [server."*.example.org"]
    connections = 1
    rate = 0.5                  # listings a second; 0: only crawl.max-rate
    delay = "2s"                # between two listings
    exclude = ["/incoming"]     # besides those of crawl

    # One server, with its login and port.
    [server."bob@login.example:2121"]
    charset = "cp1251"          # of names
    zone = "Europe/Berlin"      # of times
    tls = "require"             # auto, require or never
    certificate = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
                                # SHA-256 of the only one accepted from it
    password_command = ["pass", "show", "ftp/login.example"]
                                # prints the password on its first line
`
