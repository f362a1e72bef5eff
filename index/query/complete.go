package query

import "strings"

// A Suggestion is something that may be typed, and what it is.
type Suggestion struct{ Text, About string }

// FieldNames returns the fields by their main names, for completion: "name:" and so on.
func FieldNames() []Suggestion {
	var list []Suggestion
	for i := range fields {
		f := &fields[i]
		list = append(list, Suggestion{f.name + ":", valueAbout[f.value]})
	}
	return list
}

// valueAbout says in a few words what stands behind a field.
var valueAbout = map[valueKind]string{
	termValue: "a text or pattern", listValue: "one or more, between commas", hostValue: "server or domain", wordValue: "known words",
	sizeValue: "as >1gb, 10k..2m, large", smallerValue: "a size", largerValue: "a size", countValue: "a number, as >3",
	dateValue: "as 2024, >=2024-05-17, 7d", sinceValue: "a date or an age", untilValue: "a date or an age", permValue: "as 0644, o+w",
	shortValue: "a type, and perhaps a term", settingValue: "how to search",
}

// FieldValues returns the words that a field, given by its main name or an alias, takes; nil where there are too many to list.
func FieldValues(field string) []Suggestion {
	f := lookupField(strings.ToLower(field))
	if f == nil {
		return nil
	}
	words := func(texts ...string) []Suggestion {
		list := make([]Suggestion, len(texts))
		for i, t := range texts {
			list[i].Text = t
		}
		return list
	}
	switch {
	case f.name == "sort":
		return words(SortKeys()...)
	case f.name == "case":
		return words("yes", "no", "auto")
	case f.value == wordValue:
		set := typeWords
		if f.field == Kind {
			set = kindWords
		}
		var list []Suggestion
		for _, w := range set {
			list = append(list, Suggestion{Text: w.name})
		}
		return list
	case f.value == sizeValue:
		var list []Suggestion
		for _, c := range sizeClasses {
			list = append(list, Suggestion{Text: c.name})
		}
		return append(list, Suggestion{Text: "unknown"})
	case f.value == dateValue, f.value == sinceValue, f.value == untilValue:
		return words("today", "yesterday", "7d", "1mo", "1y")
	}
	return nil
}
