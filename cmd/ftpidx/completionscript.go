package main

import (
	"bytes"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// The scripts that cobra writes give the line to a shell again as it stands, which a quote that is still open makes a mistake. Queries
// are mostly written in quotes. So what is typed in quotes is completed too.

// bashQuoted asks for the completions of a word in open quotes, and leaves others to the function of cobra. Readline puts what comes
// behind the open quote, whole, and closes it when there is only one; so a field is offered with its values.
const bashQuoted = `
__ftpidx_word()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev words cword line directive
    case $cur in
    [\'\"]*) ;;
    *)
        __start_ftpidx "$@"
        return
        ;;
    esac
    words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
    if declare -F _init_completion >/dev/null 2>&1; then
        _init_completion -n =: || return
    fi
    local typed=${cur:1}
    while :; do
        COMPREPLY=() directive=0
        while IFS= read -r line; do
            case $line in
            :*) directive=${line#:} ;;
            ?*) COMPREPLY+=("$line") ;;
            esac
        done < <("${words[0]/#\~/$HOME}" __completeNoDesc "${words[@]:1:cword-1}" "$typed" 2>/dev/null)
        [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *: && ${COMPREPLY[0]} != "$typed" ]] || break
        typed=${COMPREPLY[0]}
    done
    if [[ ${#COMPREPLY[@]} == 0 && $typed == *: ]]; then
        COMPREPLY=("$typed")
    fi
    if [[ $(type -t compopt) == builtin ]]; then
        (((directive & 2) == 0)) || compopt -o nospace
        (((directive & 4) == 0)) || compopt +o default
    fi
}

if [[ $(type -t compopt) = "builtin" ]]; then
    complete -o default -F __ftpidx_word ftpidx
else
    complete -o default -o nospace -F __ftpidx_word ftpidx
fi
`

func writeBashCompletion(w io.Writer, root *cobra.Command) error {
	if err := root.GenBashCompletionV2(w, true); err != nil {
		return err
	}
	_, err := io.WriteString(w, bashQuoted)
	return err
}

// zshEval is where the script for zsh gives the line to the shell; $compstate[quote] is the quote that is open.
const zshEval = `$(eval ${requestComp} 2>/dev/null)`

func writeZshCompletion(w io.Writer, root *cobra.Command) error {
	var b bytes.Buffer
	if err := root.GenZshCompletion(&b); err != nil {
		return err
	}
	_, err := io.WriteString(w, strings.Replace(b.String(), zshEval, `$(eval "${requestComp}${compstate[quote]}" 2>/dev/null)`, 1))
	return err
}
