#pragma once

#include "bot/app/demo/demo.hpp"
#include "bot/app/demo/venue.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/random.hpp"

#include <memory>

namespace jitbot {

// A Mattermost server that is there already, prepared with an administrator's token and left as it was found
// but for what cannot be taken back. Clock and Random must outlive the loop's last turn.
class MattermostVenue : public Venue {
 public:
  MattermostVenue(Executor executor, Clock& clock, Random& random, cli::MattermostDemo wishes,
                  cli::DemoPlay play);
  ~MattermostVenue() override;
  MattermostVenue(const MattermostVenue&) = delete;
  MattermostVenue& operator=(const MattermostVenue&) = delete;

  std::string kind() const override;
  Task<Ready> open() override;
  Task<Ready> prepare() override;
  DemoChat chat() const override;
  Environment environment() const override;
  void show(const DemoDatabase& database, std::uint16_t database_port) override;
  std::string guide(const GuideTo& to) const override;
  story::Company& company() override;
  void give_up() override;
  Task<bool> close(std::ostream& out) override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace jitbot
