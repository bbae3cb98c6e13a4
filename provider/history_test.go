package provider

import (
	"strings"
	"testing"
)

// history makes a conversation of roles: user, assistant, tool, system.
func history(roles string) []*Message {
	var list []*Message
	for _, r := range roles {
		role := map[rune]Role{'u': RoleUser, 'a': RoleAssistant, 't': RoleTool, 's': RoleSystem}[r]
		list = append(list, &Message{Role: role})
	}
	return list
}

func TestLastMessages(t *testing.T) {
	for _, c := range []struct {
		roles string
		n     int
		want  string
	}{
		{"", 3, ""},
		{"ua", 3, "ua"},
		{"uaua", 4, "uaua"},
		{"uaua", 3, "ua"},
		{"uaua", 2, "ua"},
		{"uatauata", 5, "uata"}, // five messages would begin with an answer
		{"uatau", 4, "u"},
		{"uatau", 0, "u"},
		{"uau", -1, "u"},
		{"uauatatata", 3, "uatatata"}, // the last turn stays whole
		{"uauuu", 2, "uu"},
		{"suau", 3, "suau"},
		{"suaua", 2, "sua"},
		{"ssuaua", 3, "ssua"},
		{"ssuau", 0, "ssu"},
		{"suata", 2, "suata"},
		{"suasuau", 4, "suau"},
		{"ssss", 2, "ssss"},
		{"aaaa", 2, "aaaa"},
		{"saaa", 3, "saaa"},
		{"auata", 2, "uata"},
		{"auata", 4, "uata"},
	} {
		messages := history(c.roles)
		got := LastMessages(messages, c.n)
		var roles strings.Builder
		for _, m := range got {
			roles.WriteString(string(m.Role[:1]))
		}
		if roles.String() != c.want || len(got) > 0 && got[len(got)-1] != messages[len(messages)-1] {
			t.Errorf("%s, %d: %s, want %s", c.roles, c.n, &roles, c.want)
		}
	}
}

// Appending to the result does not change another slice that shares its memory.
func TestLastMessagesIsAppendedTo(t *testing.T) {
	all := append(history("uaua"), &Message{Role: RoleUser})[:4]
	_ = append(LastMessages(all, 2), &Message{Role: RoleTool})
	if all[:5][4].Role != RoleUser {
		t.Error("a message of the conversation was replaced")
	}
}
