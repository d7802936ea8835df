#include "bot/app/demo/mattermost/sights.hpp"

#include "adapters/chat/read/json_read.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot::town {

namespace {

using chat::number_at;
using chat::text_at;
using Json = nlohmann::json;

// By the server's clock, of one width.
std::string mark_of(const Json& post) {
  return fmt::format("{:015}", number_at(post, {"create_at"}));
}

void add_line(std::string& text, const std::string& line) {
  if (!line.empty()) text += (text.empty() ? "" : "\n") + line;
}

const Json& items_at(const Json& json, std::initializer_list<std::string_view> path) {
  static const Json k_none = Json::array();
  const Json* items = chat::member(json, path);
  return items == nullptr || !items->is_array() ? k_none : *items;
}

}  // namespace

std::string text_of_post(const Json& post) {
  std::string text = text_at(post, {"message"});
  for (const Json& attachment : items_at(post, {"props", "attachments"})) {
    for (const char* part : {"pretext", "title", "text"}) add_line(text, text_at(attachment, {part}));
    for (const Json& field : items_at(attachment, {"fields"}))
      add_line(text, text_at(field, {"title"}) + ": " + text_at(field, {"value"}));
    add_line(text, text_at(attachment, {"footer"}));
  }
  return text;
}

void Sights::take(const Json& post) {
  const std::string id = text_at(post, {"id"});
  const auto known = posts_.find(id);
  const bool newer =
      known == posts_.end() || number_at(known->second, {"update_at"}) <= number_at(post, {"update_at"});
  if (newer) posts_.insert_or_assign(id, post);
  changed();
}

void Sights::whisper(const std::string& to, const Json& post) {
  whispers_[to].push_back({text_at(post, {"id"}), "@" + to, text_of_post(post), mark_of(post)});
  changed();
}

void Sights::whisper(const std::string& to, const std::string& words) {
  std::string last;
  for (const story::Message& earlier : whispers(to)) last = std::max(last, earlier.mark);
  whispers_[to].push_back({"", "@" + to, words, last + "+"});
  changed();
}

std::vector<story::Message> Sights::posts(const std::string& channel, const std::string& author,
                                          const std::string& place) const {
  std::vector<story::Message> found;
  for (const auto& [id, post] : posts_) {
    const bool there = text_at(post, {"channel_id"}) == channel && text_at(post, {"user_id"}) == author;
    if (there && number_at(post, {"delete_at"}) == 0)
      found.push_back({id, place, text_of_post(post), mark_of(post)});
  }
  std::ranges::sort(found, {}, &story::Message::mark);
  return found;
}

std::vector<story::Message> Sights::whispers(const std::string& to) const {
  const auto found = whispers_.find(to);
  return found == whispers_.end() ? std::vector<story::Message>() : found->second;
}

const Json* Sights::post(const std::string& id) const {
  const auto found = posts_.find(id);
  return found == posts_.end() ? nullptr : &found->second;
}

std::shared_ptr<void> Sights::on_change(std::function<void()> handler) {
  const auto ear = ears_->insert(ears_->end(), std::move(handler));
  // The handle may outlive what it was asked of.
  return {nullptr, [ears = ears_, ear](void*) { ears->erase(ear); }};
}

void Sights::changed() const {
  for (const auto& ear : *ears_) ear();
}

}  // namespace jitbot::town
