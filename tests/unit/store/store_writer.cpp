// A program to be killed: writes facts and audit events one by one and prints an x for each that is durable.
// usage: store_writer PATH COUNT
#include "store/sqlite_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <string>
#include <unistd.h>

using namespace jitbot;

namespace {

Task<int> write_all(Store& store, int count) {
  for (int i = 1; i <= count; ++i) {
    Store::Work work = [i](Tx& tx) -> Result<void> {
      tx.put_meta("fact" + std::to_string(i), "1");
      tx.audit({time_from_ms(i), system_principal("test"), "test.written", std::to_string(i), "{}"});
      return {};
    };
    const auto done = co_await store.write(std::move(work));
    if (!done || ::write(STDOUT_FILENO, "x", 1) != 1) co_return 1;
  }
  co_return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  boost::asio::io_context loop(1);
  auto store = open_store(argv[1]);
  if (!store) return 2;
  int code = 1;
  boost::asio::co_spawn(loop, write_all(**store, std::atoi(argv[2])),
                        [&code](std::exception_ptr error, int written) { code = error ? 1 : written; });
  loop.run();
  return code;
}
