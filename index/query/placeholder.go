package query

func (*All) String() string     { return "" }
func (*And) String() string     { return "" }
func (*Or) String() string      { return "" }
func (*Not) String() string     { return "" }
func (*Words) String() string   { return "" }
func (*Text) String() string    { return "" }
func (*Number) String() string  { return "" }
func (*Date) String() string    { return "" }
func (*Perm) String() string    { return "" }
func (*Unknown) String() string { return "" }
