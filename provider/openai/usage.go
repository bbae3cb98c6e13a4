package openai

import (
	"github.com/funcall/funcall/internal/wire"
	"github.com/funcall/funcall/provider"
)

// setUsage reads the usage, and the cost in it. The last one counts, and null is none.
func (a *answer) setUsage() {
	s := &a.scan
	if s.Kind() != '{' {
		return
	}
	var u provider.Usage
	var b bill
	var total int64
	for key := range s.Object() {
		switch string(key) {
		case "prompt_tokens":
			u.Input = wire.Tokens(s)
		case "completion_tokens":
			u.Output = wire.Tokens(s)
		case "total_tokens":
			total = wire.Tokens(s)
		case "prompt_cache_hit_tokens", // DeepSeek
			"cached_tokens",           // Moonshot
			"cache_read_input_tokens": // gateways to Anthropic
			u.CacheRead = max(u.CacheRead, wire.Tokens(s))
		case "cache_creation_input_tokens":
			u.CacheWrite = max(u.CacheWrite, wire.Tokens(s))
		case "prompt_tokens_details":
			for key := range s.Object() {
				switch string(key) {
				case "cached_tokens":
					u.CacheRead = max(u.CacheRead, wire.Tokens(s))
				case "cache_write_tokens":
					u.CacheWrite = max(u.CacheWrite, wire.Tokens(s))
				}
			}
		case "completion_tokens_details":
			for key := range s.Object() {
				if string(key) == "reasoning_tokens" {
					u.Reasoning = wire.Tokens(s)
				}
			}
		default:
			b.read(key, s)
		}
	}
	// Some servers leave reasoning out of completion_tokens; the total has it.
	u.Output = max(u.Output, total-u.Input)
	a.usage, a.cost = u, b.total()
}
