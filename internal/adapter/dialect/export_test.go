package dialect

// Odd are schemas of an uncommon kind, each with values that it takes.
var Odd = odd
