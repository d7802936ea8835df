#include "adapters/chat/sandbox/workspace.hpp"

#include "adapters/chat/sandbox/ids.hpp"

#include <algorithm>

namespace jitbot::sandbox {

using Json = nlohmann::json;

Workspace::Workspace(World world_in, Clock& clock, Random& random)
    : world(std::move(world_in)), clock_(clock), random_(random) {}

std::string Workspace::next_ts() {
  last_micros_ = std::max<long long>(last_micros_ + 100, to_ms(clock_.now()) * 1000);
  return format_ts(last_micros_);
}

Channel& Workspace::dm_of(const std::string& user) {
  for (Channel& channel : world.channels) {
    if (channel.dm_with == user) return channel;
  }
  Channel dm;
  dm.id = random_id(random_, "D0", 7);
  dm.dm_with = user;
  dm.is_private = true;
  dm.members = {user, world.bot.user_id};
  world.channels.push_back(std::move(dm));
  changes.touch();
  return world.channels.back();
}

Channel* Workspace::resolve(std::string_view which) {
  if (which.starts_with('@')) {
    const Person* person = world.find_person(which);
    return person == nullptr ? nullptr : &dm_of(person->id);
  }
  return world.find_channel(which);
}

bool Workspace::is_member(const Channel& channel, const std::string& user) const {
  return channel.members.contains(user);
}

Message& Workspace::post(Message message) {
  message.ts = next_ts();
  message.blocks = normalized(std::move(message.blocks));
  auto& list = message.only_for.empty() ? messages_[message.channel] : ephemerals_;
  if (!message.thread_ts.empty()) {
    if (Message* root = find(message.channel, message.thread_ts)) root->thread_ts = root->ts;
    if (message.only_for.empty()) threads_[{message.channel, message.thread_ts}].push_back(list.size());
  }
  list.push_back(std::move(message));
  changes.touch();
  return list.back();
}

namespace {

// Timestamps have the same number of digits until 2286 and compare as text.
Message* find_by_ts(std::vector<Message>& list, const std::string& ts) {
  const auto found = std::ranges::lower_bound(list, ts, {}, &Message::ts);
  return found != list.end() && found->ts == ts ? &*found : nullptr;
}

}  // namespace

Message* Workspace::find(const std::string& channel, const std::string& ts) {
  const auto list = messages_.find(channel);
  if (list != messages_.end()) {
    if (Message* found = find_by_ts(list->second, ts)) return found;
  }
  Message* found = find_by_ts(ephemerals_, ts);
  return found != nullptr && found->channel == channel ? found : nullptr;
}

const Message* Workspace::find(const std::string& channel, const std::string& ts) const {
  return const_cast<Workspace*>(this)->find(channel, ts);
}

void Workspace::edit(Message& message, MessageVersion next) {
  message.earlier.push_back({message.text, message.blocks, message.metadata});
  message.text = std::move(next.text);
  message.blocks = normalized(std::move(next.blocks));
  message.metadata = std::move(next.metadata);
  message.edited_ts = next_ts();
  changes.touch();
}

void Workspace::remove(Message& message) {
  message.deleted = true;
  changes.touch();
}

std::vector<const Message*> Workspace::in_channel(const std::string& channel) const {
  std::vector<const Message*> out;
  const auto list = messages_.find(channel);
  if (list == messages_.end()) return out;
  for (const Message& message : list->second) {
    if (!message.deleted) out.push_back(&message);
  }
  return out;
}

std::vector<const Message*> Workspace::replies(const std::string& channel, const std::string& root_ts) const {
  std::vector<const Message*> out;
  const auto list = messages_.find(channel);
  if (list == messages_.end()) return out;
  const auto add = [&out](const Message* message) {
    if (message != nullptr && !message->deleted) out.push_back(message);
  };
  const Message* root = find(channel, root_ts);
  if (root != nullptr && root->only_for.empty()) add(root);
  const auto thread = threads_.find({channel, root_ts});
  if (thread == threads_.end()) return out;
  for (const std::size_t position : thread->second) add(&list->second[position]);
  return out;
}

View Workspace::make_view(const std::string& user, Json content) {
  View view;
  view.id = random_id(random_, "V0", 9);
  view.user = user;
  view.root_id = view.id;
  replace_content(view, std::move(content));
  return view;
}

const std::vector<View>* Workspace::stack(const std::string& user) const {
  const auto found = stacks_.find(user);
  return found == stacks_.end() ? nullptr : &found->second;
}

View* Workspace::find_view(const std::string& id) {
  for (auto& [user, stack] : stacks_) {
    for (View& view : stack) {
      if (view.id == id) return &view;
    }
  }
  for (auto& [user, home] : homes_) {
    if (home.id == id) return &home;
  }
  return nullptr;
}

View* Workspace::find_view_by_external_id(const std::string& external_id) {
  for (auto& [user, stack] : stacks_) {
    for (View& view : stack) {
      if (view.content.value("external_id", "") == external_id) return &view;
    }
  }
  return nullptr;
}

void Workspace::replace_content(View& view, Json content) {
  content["blocks"] = normalized(content.value("blocks", Json::array()));
  view.values = carried_values(content["blocks"], view.values);
  view.content = std::move(content);
  view.errors = Json::object();
  view.hash = next_ts() + "." + random_hex(random_, 8);
}

namespace {

void fill_text_defaults(Json& value) {
  if (value.is_array()) {
    for (Json& item : value) fill_text_defaults(item);
    return;
  }
  if (!value.is_object()) return;
  if (value.contains("type") && value["type"].is_string()) {
    if (value["type"] == "plain_text" && !value.contains("emoji")) value["emoji"] = true;
    if (value["type"] == "mrkdwn" && !value.contains("verbatim")) value["verbatim"] = false;
  }
  for (const auto& [key, item] : value.items()) fill_text_defaults(item);
}

bool has_actions(const Json& element) {
  const std::string type = element.value("type", "");
  return type != "image" && type != "plain_text" && type != "mrkdwn";
}

}  // namespace

Json Workspace::normalized(Json blocks) {
  if (!blocks.is_array()) return Json::array();
  fill_text_defaults(blocks);
  const auto name_element = [this](Json& element) {
    if (has_actions(element) && !element.contains("action_id"))
      element["action_id"] = random_id(random_, "", 5);
  };
  for (Json& block : blocks) {
    if (!block.contains("block_id")) block["block_id"] = random_id(random_, "", 5);
    if (block.value("type", "") == "actions") {
      for (Json& element : block["elements"]) name_element(element);
    }
    if (block.contains("accessory")) name_element(block["accessory"]);
    if (block.contains("element")) name_element(block["element"]);
  }
  return blocks;
}

}  // namespace jitbot::sandbox
