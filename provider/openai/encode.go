package openai

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/funcall/funcall/internal/jsonscan"
	"github.com/funcall/funcall/internal/jsontree"
	"github.com/funcall/funcall/provider"
)

// reserved are the members of a request that extra fields must leave alone.
var reserved = []string{"model", "messages", "tools", "stream", "stream_options", "n"}

// A member is one member of a JSON object.
type member struct {
	name  string
	value []byte
}

// encode returns the body of a request. The same request gives the same
// bytes: members stand in a fixed order, and past messages and tools keep
// their encoding.
func (c *Client) encode(req *provider.Request, stream bool) (body, error) {
	extra, err := c.extraMembers(req.Extra)
	if err != nil {
		return body{}, err
	}
	if i := slices.Index(req.Messages, nil); i >= 0 {
		return body{}, c.errorf(provider.InvalidRequest, "message %d is nil", i)
	}
	system, messages := c.systemText(req)
	var few [32][]byte // so that a short conversation needs no list on the heap
	list := few[:0]
	if n := 3 + len(messages) + len(req.Tools); n > len(few) {
		list = make([][]byte, 0, n)
	}
	list = append(list, c.head(system))
	comma := system != ""
	for i, m := range messages {
		encoded, err := m.Encoded(c.encodingKey, c.encodeMessage)
		if err != nil {
			return body{}, c.invalid(err, "message %d", len(req.Messages)-len(messages)+i)
		}
		list, comma = addElement(list, encoded, comma)
	}
	if len(req.Tools) > 0 {
		list, comma = append(list, beforeTools), false
	}
	for _, t := range req.Tools {
		encoded, err := t.Encoded("openai.chat", encodeTool)
		if err != nil {
			return body{}, c.invalid(err, "tool %q", t.Name)
		}
		list, comma = addElement(list, encoded, comma)
	}
	tail, err := c.appendTail(make([]byte, 0, 64+len(req.Extra)+len(c.extra)), req, stream, extra)
	if err != nil {
		return body{}, err
	}
	return bodyOf(append(list, tail)), nil
}

// addElement adds the encoding of what stands in an array. It begins with a
// comma, which the first has to do without, or is empty: a message of the tools
// may have no results. It reports whether the next needs its comma.
func addElement(list [][]byte, encoded []byte, comma bool) ([][]byte, bool) {
	if len(encoded) == 0 {
		return list, comma
	}
	if !comma {
		encoded = encoded[1:]
	}
	return append(list, encoded), true
}

var beforeTools = []byte(`],"tools":[`)

// A head is how the bodies of all requests with the same instructions begin.
type head struct {
	system string
	json   []byte
}

// head returns the beginning of a body. The last one is kept: an agent has the
// same instructions always, and they may be long.
func (c *Client) head(system string) []byte {
	if last := c.lastHead.Load(); last != nil && last.system == system {
		return last.json
	}
	b := make([]byte, 0, 128+len(c.model)+len(system))
	b = append(b, `{"model":`...)
	b = jsontree.AppendString(b, c.model)
	b = append(b, `,"messages":[`...)
	if system != "" {
		b = c.appendSystem(b, system)
	}
	c.lastHead.Store(&head{system, b})
	return b
}

// appendTail appends what follows behind the messages and the tools.
func (c *Client) appendTail(b []byte, req *provider.Request, stream bool, extra []member) ([]byte, error) {
	b = append(b, ']')
	if stream {
		b = append(b, `,"stream":true`...)
		if !c.noStreamUsage {
			b = append(b, `,"stream_options":{"include_usage":true}`...)
		}
	}
	b, err := c.appendSettings(b, req, extra)
	if err != nil {
		return nil, err
	}
	for _, m := range extra {
		b = appendName(b, m.name)
		b = append(b, m.value...)
	}
	return append(b, '}'), nil
}

func appendName(b []byte, name string) []byte {
	b = append(b, ',')
	b = jsontree.AppendString(b, name)
	return append(b, ':')
}

// settings appends the members that are set and that no extra member replaces.
type settings struct {
	b     []byte
	extra []member
}

// begin appends a member's name, unless an extra one of that name stands in.
func (s *settings) begin(name string) bool {
	if slices.ContainsFunc(s.extra, func(m member) bool { return m.name == name }) {
		return false
	}
	s.b = appendName(s.b, name)
	return true
}

func (s *settings) text(name, v string) {
	if v != "" && s.begin(name) {
		s.b = jsontree.AppendString(s.b, v)
	}
}

func (s *settings) float(name string, v *float64) error {
	if v == nil {
		return nil
	}
	if math.IsNaN(*v) || math.IsInf(*v, 0) {
		return fmt.Errorf("%s is %v, which is no number that JSON has", name, *v)
	}
	if s.begin(name) {
		s.b = strconv.AppendFloat(s.b, *v, 'g', -1, 64)
	}
	return nil
}

func (s *settings) int(name string, v int64) {
	if s.begin(name) {
		s.b = strconv.AppendInt(s.b, v, 10)
	}
}

func (c *Client) appendSettings(b []byte, req *provider.Request, extra []member) ([]byte, error) {
	s := &settings{b: b, extra: extra}
	if err := s.toolChoice(req); err != nil {
		return nil, c.invalid(err, "tool choice")
	}
	if req.ParallelCalls != nil && len(req.Tools) > 0 && s.begin("parallel_tool_calls") {
		s.b = strconv.AppendBool(s.b, *req.ParallelCalls)
	}
	if err := s.float("temperature", req.Temperature); err != nil {
		return nil, c.invalid(err, "settings")
	}
	if err := s.float("top_p", req.TopP); err != nil {
		return nil, c.invalid(err, "settings")
	}
	if req.MaxOutputTokens < 0 {
		return nil, c.invalid(fmt.Errorf("MaxOutputTokens is %d", req.MaxOutputTokens), "settings")
	}
	if req.MaxOutputTokens > 0 {
		s.int(c.maxTokensField, int64(req.MaxOutputTokens))
	}
	if len(req.Stop) > 0 && s.begin("stop") {
		s.b = append(s.b, '[')
		for i, stop := range req.Stop {
			if i > 0 {
				s.b = append(s.b, ',')
			}
			s.b = jsontree.AppendString(s.b, stop)
		}
		s.b = append(s.b, ']')
	}
	if req.Seed != nil {
		s.int("seed", *req.Seed)
	}
	s.text("reasoning_effort", req.ReasoningEffort)
	if err := s.output(req.Output); err != nil {
		return nil, c.invalid(err, "output schema")
	}
	return s.b, nil
}

func (s *settings) toolChoice(req *provider.Request) error {
	choice := req.Choice
	forced := choice.Mode == provider.ToolsRequired || choice.Mode == provider.ToolsNamed
	switch {
	case forced && len(req.Tools) == 0:
		return fmt.Errorf("%q needs tools, and the request has none", choice.Mode)
	case choice.Mode == provider.ToolsNamed:
		if !slices.ContainsFunc(req.Tools, func(t *provider.Tool) bool { return t.Name == choice.Name }) {
			return fmt.Errorf("the request has no tool named %q", choice.Name)
		}
		if s.begin("tool_choice") {
			s.b = append(s.b, `{"type":"function","function":{"name":`...)
			s.b = jsontree.AppendString(s.b, choice.Name)
			s.b = append(s.b, "}}"...)
		}
	case choice.Mode == provider.ToolsNone || choice.Mode == provider.ToolsRequired:
		if len(req.Tools) > 0 { // the API refuses a choice among nothing
			s.text("tool_choice", string(choice.Mode))
		}
	case choice.Mode != provider.ToolsAuto:
		return fmt.Errorf("there is no mode %q", choice.Mode)
	}
	return nil
}

func (s *settings) output(o *provider.OutputSchema) error {
	if o == nil {
		return nil
	}
	schema, err := compactSchema(o.Schema)
	if err != nil || !s.begin("response_format") {
		return err
	}
	name := "answer"
	if o.Name != "" {
		name = wireName(o.Name)
	}
	s.b = append(s.b, `{"type":"json_schema","json_schema":{"name":`...)
	s.b = jsontree.AppendString(s.b, name)
	if o.Description != "" {
		s.b = append(s.b, `,"description":`...)
		s.b = jsontree.AppendString(s.b, o.Description)
	}
	s.b = append(s.b, `,"schema":`...)
	s.b = append(s.b, schema...)
	if strictEligible(o.Schema) {
		s.b = append(s.b, `,"strict":true`...)
	}
	s.b = append(s.b, "}}"...)
	return nil
}

// extraMembers returns the extra members of a request: the client's, then its
// own, which replace the client's of the same name.
func (c *Client) extraMembers(own json.RawMessage) ([]member, error) {
	var members []member
	for _, object := range [][]byte{c.extra, own} {
		if len(bytes.TrimSpace(object)) == 0 {
			continue
		}
		more, err := parseMembers(object)
		if err != nil {
			return nil, c.invalid(err, "extra fields")
		}
		members = slices.DeleteFunc(members, func(m member) bool {
			return slices.ContainsFunc(more, func(n member) bool { return n.name == m.name })
		})
		members = append(members, more...)
	}
	return members, nil
}

func parseMembers(object []byte) ([]member, error) {
	var s jsonscan.Scanner
	s.Reset(object)
	if s.Kind() != '{' {
		return nil, fmt.Errorf("they must be one JSON object")
	}
	var members []member
	for key := range s.Object() {
		m := member{name: string(key), value: s.Raw()}
		if slices.Contains(reserved, m.name) {
			return nil, fmt.Errorf("%q is for the request itself to set", m.name)
		}
		if slices.ContainsFunc(members, func(n member) bool { return n.name == m.name }) {
			return nil, fmt.Errorf("%q stands there twice", m.name)
		}
		members = append(members, m)
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	if len(s.Rest()) > 0 {
		return nil, fmt.Errorf("there is more text after the object")
	}
	return members, nil
}

// invalid makes an error of one that was found while encoding. One that has a
// kind already keeps it.
func (c *Client) invalid(err error, format string, args ...any) *provider.Error {
	kind := provider.InvalidRequest
	if _, ok := err.(unsupported); ok {
		kind = provider.Unsupported
	}
	return c.errorf(kind, "%s: %v", fmt.Sprintf(format, args...), err)
}
