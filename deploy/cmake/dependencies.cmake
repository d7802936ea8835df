# Every third-party package, from Debian 12, with the quirks of its CMake targets.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 REQUIRED)                # headers only: Asio, Beast
find_package(OpenSSL 3 REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(SQLiteCpp 3.2 REQUIRED)             # target without a namespace; does not carry sqlite3 itself
find_package(PostgreSQL 15 REQUIRED)
find_package(spdlog REQUIRED)                    # the compiled target; brings fmt::fmt
find_package(fmt REQUIRED)
find_package(yaml-cpp 0.7 REQUIRED)              # target without a namespace
find_package(CLI11 REQUIRED)
find_package(pugixml 1.13 REQUIRED)
find_package(date 3 REQUIRED)
find_package(tl-expected REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)   # reports version 0.0.0
pkg_check_modules(LIBGIT2 REQUIRED IMPORTED_TARGET libgit2>=1.5)

# Asio without Beast, TLS linked: what every coroutine of ours needs.
add_library(jitbot_asio INTERFACE)
target_link_libraries(jitbot_asio INTERFACE Boost::headers Threads::Threads OpenSSL::SSL)
