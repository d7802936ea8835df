#include "adapters/net/waiter.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace jitbot::net {

namespace asio = boost::asio;

Task<bool> Waiter::wait(std::shared_ptr<Waiter> self) {
  if (self->done_) co_return true;
  boost::system::error_code woken;
  co_await self->timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  if (self->done_) co_return true;
  if (woken) throw boost::system::system_error(asio::error::operation_aborted);
  co_return false;
}

Task<bool> Waiter::wait_for(std::shared_ptr<Waiter> self, Millis patience) {
  self->timer_.expires_after(patience);
  const bool set = co_await wait(self);
  co_return set;
}

}  // namespace jitbot::net
