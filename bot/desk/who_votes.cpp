#include "bot/desk/who_votes.hpp"

#include "bot/record/roll_call.hpp"

namespace jitbot {

namespace {

constexpr std::size_t k_most_named = 12;      // of one step
constexpr std::size_t k_most_looked_at = 30;  // for one answer
constexpr std::size_t k_most_kept = 10'000;
constexpr Millis k_fresh = 60s;
constexpr Millis k_patience = 8s;

// Answers of at most a minute ago; an error is asked again.
class Glances : public Directory {
 public:
  explicit Glances(SharedDesk desk) : desk_(std::move(desk)) {}

  Task<Result<Person>> person(PrincipalId id) override {
    const auto known = desk_->memory->people_seen.find(id);
    if (known != desk_->memory->people_seen.end() && is_fresh(known->second.at))
      co_return known->second.person;
    if (auto late = too_late()) co_return tl::unexpected<Error>(std::move(*late));
    auto found = co_await desk_->ports.directory.person(id);
    note(found);
    co_return found;
  }

  Task<Result<std::set<PrincipalId>>> members(std::string group) override {
    if (auto late = too_late()) co_return tl::unexpected<Error>(std::move(*late));
    std::set<std::string> one{group};
    auto found = co_await members_lately(desk_, std::move(one));
    co_return found.at(group);
  }

  Task<Result<Person>> by_email(std::string email) override {
    const auto known = desk_->memory->emails_seen.find(email);
    if (known != desk_->memory->emails_seen.end()) {
      auto again = co_await person(known->second);
      // Another account may have the e-mail by now.
      if (!again || policy_name(*again) == email) co_return again;
      desk_->memory->emails_seen.erase(email);
    }
    if (auto late = too_late()) co_return tl::unexpected<Error>(std::move(*late));
    auto found = co_await desk_->ports.directory.by_email(email);
    note(found);
    if (found) {
      if (desk_->memory->emails_seen.size() > k_most_kept) desk_->memory->emails_seen.clear();
      desk_->memory->emails_seen.insert_or_assign(email, found->id);
    }
    co_return found;
  }

  std::string workspace(std::string_view platform) const override {
    return desk_->ports.directory.workspace(platform);
  }

 private:
  // A directory that does not answer is asked no more for this answer.
  std::optional<Error> too_late() const {
    if (!silent_ && desk_->ports.clock.clock().steady() - begun_ < k_patience) return std::nullopt;
    return Error{ErrorKind::unavailable, "the directory does not answer in time", {}};
  }
  void note(const Result<Person>& found) {
    if (found) return keep(*found);
    silent_ = silent_ || found.error().kind == ErrorKind::unavailable;
  }
  bool is_fresh(Millis at) const { return desk_->ports.clock.clock().steady() - at < k_fresh; }
  void keep(const Person& person) {
    if (desk_->memory->people_seen.size() > k_most_kept) desk_->memory->people_seen.clear();
    desk_->memory->people_seen.insert_or_assign(
        person.id, DeskMemory::PersonGlance{desk_->ports.clock.clock().steady(), person});
  }

  SharedDesk desk_;
  const Millis begun_ = desk_->ports.clock.clock().steady();
  bool silent_ = false;
};

}  // namespace

Task<std::vector<std::vector<StepView>>> who_could_vote(SharedDesk desk, std::vector<std::vector<Step>> rules,
                                                        std::set<PrincipalId> without) {
  Glances directory(desk);
  RollCall roll(directory, desk->ports.store);
  roll.ask_at_most(k_most_looked_at);
  std::vector<std::vector<StepView>> all;
  for (const auto& steps : rules) {
    std::vector<StepView> views;
    for (const Step& step : steps) {
      StepView view{step.name, step.count};
      auto found = co_await roll.people(*desk->policy, step.from, without, k_most_named);
      if (found) {
        for (const Person& person : found->people) view.people.push_back(person.id);
        view.more = found->not_asked;
      } else {
        view.unknown = found.error().message;
      }
      views.push_back(std::move(view));
    }
    all.push_back(std::move(views));
  }
  co_return all;
}

Task<std::vector<StepView>> who_could_vote(SharedDesk desk, std::vector<Step> steps,
                                           std::set<PrincipalId> without) {
  std::vector<std::vector<Step>> one{std::move(steps)};
  auto views = co_await who_could_vote(std::move(desk), std::move(one), std::move(without));
  co_return std::move(views.front());
}

}  // namespace jitbot
