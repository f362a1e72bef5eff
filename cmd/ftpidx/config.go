package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/ftpidx/ftpidx/crawl"
)

// A config is the configuration file, which nobody needs:
//
//	contact = "me@example.org"                                # password of anonymous logins
//
//	[server."bob@login.example:2121"]                         # a key as ftpidx servers prints it
//	password_command = ["pass", "show", "ftp/login.example"]  # prints the password on its first line
//	certificate = "sha256:9f86d0…"                            # the only one accepted from this server
type config struct {
	Contact string                  `toml:"contact"`
	Server  map[string]serverConfig `toml:"server"`
}

type serverConfig struct {
	PasswordCommand []string `toml:"password_command"`
	Certificate     string   `toml:"certificate"`
}

// server returns what the file says of a server, the zero value if nothing.
func (c *config) server(s crawl.Server) serverConfig { return c.Server[s.Key()] }

// configFile returns the name of the configuration file and whether it was asked for by name.
func (e *env) configFile() (name string, asked bool) {
	if name := e.getenv("FTPIDX_CONFIG"); name != "" {
		return name, true
	}
	if d := e.userDir("XDG_CONFIG_HOME", "AppData", ".config"); d != "" {
		return filepath.Join(d, "config.toml"), false
	}
	return "", false
}

// config reads the configuration file; without one it is empty.
func (e *env) config() (*config, error) {
	var c config
	name, asked := e.configFile()
	if name == "" {
		return &c, nil
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) && !asked {
		return &c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	defer f.Close()
	err = toml.NewDecoder(f).DisallowUnknownFields().Decode(&c)
	var unknown *toml.StrictMissingError
	var bad *toml.DecodeError
	switch {
	case err == nil:
	case errors.As(err, &unknown) && len(unknown.Errors) > 0:
		row, _ := unknown.Errors[0].Position()
		return nil, fmt.Errorf("configuration: %s:%d: unknown key %s", name, row, strings.Join(unknown.Errors[0].Key(), "."))
	case errors.As(err, &bad):
		row, column := bad.Position()
		return nil, fmt.Errorf("configuration: %s:%d:%d: %s", name, row, column, strings.TrimPrefix(bad.Error(), "toml: "))
	default:
		return nil, fmt.Errorf("configuration: %s: %w", name, err)
	}
	for key := range c.Server {
		s, err := crawl.ParseKey(key)
		if err == nil && s.Key() != key {
			err = fmt.Errorf("the server is written %s", s.Key())
		}
		if err != nil {
			return nil, fmt.Errorf("configuration: %s: [server.%q]: %w", name, key, err)
		}
	}
	return &c, nil
}
