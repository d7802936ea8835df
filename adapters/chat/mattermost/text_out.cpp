#include "adapters/chat/mattermost/text_out.hpp"

#include "adapters/chat/mattermost/channel_id.hpp"
#include "adapters/chat/mattermost/ids.hpp"
#include "adapters/chat/mattermost/literal.hpp"
#include "adapters/chat/mattermost/moment.hpp"
#include "bot/cards/clean.hpp"

namespace jitbot::mattermost {

namespace {

constexpr std::string_view k_slash = "/jit";
constexpr std::size_t k_fewest = 8;  // code points that are left of a span's words

// The name behind an id, if it is one that the server could have given.
const std::string* name_of(const Names& names, const std::string& id, bool (*fits)(std::string_view)) {
  const auto found = names.find(id);
  return found == names.end() || !fits(found->second) ? nullptr : &found->second;
}

// One person's alone.
bool names_somebody(std::string_view username) {
  return is_username(username) && !names_a_crowd(username);
}

// "~ops" where its name is known and one, else what it is called, with a '#'. Known by the bare id, or as
// cards have it.
std::string shown_channel(const std::string& channel, const Names& names) {
  const std::string bare = bare_channel(channel);
  const std::string* name = name_of(names, bare, is_channel_name);
  if (name == nullptr) name = name_of(names, channel, is_channel_name);
  if (name != nullptr) return "~" + *name;
  if (!bare.starts_with('#')) return "#" + bare;
  return is_channel_name(bare.substr(1)) ? "~" + bare.substr(1) : bare;
}

struct ToMarkdown {
  const Dress& dress;
  std::size_t most;  // code points of the words of one span

  std::string words(std::string_view text) const { return cut(with_command(text, dress.command), most); }

  std::string operator()(const Plain& span) const { return literal(words(span.text)); }
  std::string operator()(const Strong& span) const {
    std::string inside = literal(words(span.text));
    const auto first = inside.find_first_not_of(' ');
    if (first == std::string::npos) return inside;
    // Blanks inside the marks would make stars of them.
    const auto end = inside.find_last_not_of(' ') + 1;
    return inside.substr(0, first) + "**" + inside.substr(first, end - first) + "**" + inside.substr(end);
  }
  std::string operator()(const Code& span) const { return code(words(span.text)); }
  std::string operator()(const Mention& span) const {
    const std::string* name = name_of(dress.names, span.who.user, names_somebody);
    return name == nullptr ? literal(cut("@" + span.who.user, most)) : "@" + *name;
  }
  std::string operator()(const ChannelMention& span) const {
    const std::string channel = shown_channel(span.channel, dress.channels);
    return channel.starts_with('~') ? channel : literal(cut(channel, most));
  }
  std::string operator()(const Moment& span) const { return moment_text(span, dress.now, dress.zone); }
};

struct ToPlain {
  const Dress& dress;

  std::string operator()(const Plain& span) const { return with_command(span.text, dress.command); }
  std::string operator()(const Strong& span) const { return with_command(span.text, dress.command); }
  std::string operator()(const Code& span) const { return with_command(span.text, dress.command); }
  std::string operator()(const Mention& span) const {
    const std::string* name = name_of(dress.names, span.who.user, names_somebody);
    return "@" + (name == nullptr ? span.who.user : *name);
  }
  std::string operator()(const ChannelMention& span) const {
    return shown_channel(span.channel, dress.channels);
  }
  std::string operator()(const Moment& span) const { return moment_text(span, dress.now, dress.zone); }
};

bool goes_on_a_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

std::string line_of(const Line& line, const ToMarkdown& to_markdown) {
  std::string out;
  bool after_mention = false;
  for (const Span& span : line) {
    const std::string piece = std::visit(to_markdown, span);
    // Letters right behind a mention would make another name of it.
    if (after_mention && !piece.empty() && goes_on_a_name(piece.front())) out += "\u2060";
    out += piece;
    if (!piece.empty())
      after_mention = std::holds_alternative<Mention>(span) || std::holds_alternative<ChannelMention>(span);
  }
  return as_line(std::move(out));
}

bool begins_command(std::string_view text, std::size_t at) {
  const bool edge = at == 0 || std::string_view(" (\"'`·").find(text[at - 1]) != std::string_view::npos;
  const std::size_t end = at + k_slash.size();
  return edge && (end == text.size() || text[end] == ' ');
}

}  // namespace

std::string markdown(const Line& line, const Dress& dress, std::size_t most) {
  for (std::size_t words = most; words >= k_fewest; words /= 2) {
    std::string text = line_of(line, ToMarkdown{dress, words});
    if (length_of(text) <= most) return text;
  }
  return most == 0 ? std::string() : std::string("…");
}

std::string plain_words(const Line& line, const Dress& dress) {
  std::string text;
  for (const Span& span : line) text += std::visit(ToPlain{dress}, span);
  return one_line(text, dress.limits.message);
}

std::string joined(const std::vector<std::string>& lines, std::size_t most) {
  std::string out;
  std::size_t used = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t length = length_of(lines[i]) + (out.empty() ? 0 : 1);
    // Two stay free for the … that tells of what is missing.
    const std::size_t reserve = i + 1 < lines.size() ? 2 : 0;
    if (used + length + reserve > most) return most < used + 2 ? out : out + (out.empty() ? "…" : "\n…");
    if (!out.empty()) out += '\n';
    out += lines[i];
    used += length;
  }
  return out;
}

std::string with_command(std::string_view text, std::string_view command) {
  std::string out;
  std::size_t done = 0;
  for (auto at = text.find(k_slash); at != std::string_view::npos; at = text.find(k_slash, at + 1)) {
    if (!begins_command(text, at)) continue;
    out += text.substr(done, at - done);
    out += command;
    done = at + k_slash.size();
  }
  out += text.substr(done);
  return out;
}

}  // namespace jitbot::mattermost
