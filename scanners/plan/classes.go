package plan

// unlisted is the class of a type that is on no list.
const unlisted Class = "not known"

// classes says of each type without a row in the table whether it can hold data.
var classes = map[string]Class{}

// globalTypes are those of them to which AWS gives no region.
var globalTypes = map[string]bool{}
