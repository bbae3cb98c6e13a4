package chatserver

import (
	"strings"
	"testing"
)

// TestAllowedTools has each choice among some of the tools that the API accepts and refuses.
func TestAllowedTools(t *testing.T) {
	ref := func(name string) string { return `{"type":"function","function":{"name":"` + name + `"}}` }
	choice := func(members string) string {
		return body(user, `,"tools":[`+tool+`],"tool_choice":{"type":"allowed_tools",`+members+`}`)
	}
	nested := func(mode, tools string) string {
		return choice(`"allowed_tools":{"mode":"` + mode + `","tools":[` + tools + `]}`)
	}
	for in, want := range map[string]string{
		nested("auto", ref("f")):                                                "",
		nested("required", ref("f")):                                            "",
		nested("none", ref("f")):                                                "Supported values are: 'auto' and 'required'",
		nested("auto", ""):                                                      "empty array",
		nested("auto", ref("g")):                                                "Tool choice 'g' not found",
		nested("auto", `{"type":"function","name":"f"}`):                        "Unknown parameter: 'tool_choice.allowed_tools.tools[0].name'",
		nested("auto", `{"type":"function"}`):                                   "Missing required parameter: 'tool_choice.allowed_tools.tools[0].function.name'",
		nested("auto", `"f"`):                                                   "Invalid value",
		choice(`"mode":"auto","tools":[` + ref("f") + `]`):                      "Unknown parameter: 'tool_choice.",
		choice(`"allowed_tools":null`):                                          "Invalid type for 'tool_choice.allowed_tools'",
		strings.Replace(nested("auto", ref("f")), `,"tools":[`+tool+`]`, "", 1): "only allowed when 'tools' are specified",
	} {
		_, err := check([]byte(in))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nis answered with %v, want %q", in, err, want)
		}
	}
	if _, err := (protocol{demandMistral}).Check(nil, []byte(nested("auto", ref("f")))); err == nil || !strings.Contains(err.Error(), "Input should be 'function'") {
		t.Errorf("Mistral: %v", err)
	}
}
