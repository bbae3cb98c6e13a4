package responsesserver

import (
	"strings"
	"testing"
)

// TestAllowedTools has each choice among some of the tools that the API accepts and refuses.
func TestAllowedTools(t *testing.T) {
	const ref = `{"type":"function","name":"f"}`
	choice := func(members string) string {
		return body(user, `,"tools":[`+tool+`],"tool_choice":{"type":"allowed_tools",`+members+`}`)
	}
	flat := func(mode, tools string) string { return choice(`"mode":"` + mode + `","tools":[` + tools + `]`) }
	for in, want := range map[string]string{
		flat("auto", ref):     "",
		flat("required", ref): "",
		flat("none", ref):     "Supported values are: 'auto' and 'required'",
		flat("auto", ""):      "empty array",
		flat("auto", `{"type":"function","name":"g"}`):              "Tool choice 'g' not found",
		flat("auto", `{"type":"function","function":{"name":"f"}}`): "Unknown parameter: 'tool_choice.tools[0].function'",
		flat("auto", `"f"`): "Invalid value",
		choice(`"allowed_tools":{"mode":"auto","tools":[` + ref + `]}`):  "Unknown parameter: 'tool_choice.allowed_tools'",
		strings.Replace(flat("auto", ref), `,"tools":[`+tool+`]`, "", 1): "only allowed when 'tools' are specified",
	} {
		_, err := (protocol{}).Check(nil, []byte(in))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nis answered with %v, want %q", in, err, want)
		}
	}
}
