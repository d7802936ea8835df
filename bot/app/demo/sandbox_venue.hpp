#pragma once

#include "bot/app/demo/sandbox_company.hpp"
#include "bot/app/demo/venue.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/random.hpp"

#include <memory>

namespace jitbot {

// A workspace of our own on loopback, with a page for people. Clock and Random must outlive the loop's last
// turn.
class SandboxVenue : public Venue {
 public:
  SandboxVenue(Executor executor, Clock& clock, Random& random, std::uint16_t port);

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
  sandbox::Sandbox workspace_;
  story::SandboxCompany company_;
};

}  // namespace jitbot
