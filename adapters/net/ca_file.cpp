#include "adapters/net/ca_file.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace jitbot::net {

namespace {

struct FreeStore {
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
};

}  // namespace

Result<void> check_ca_file(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    return fail(ErrorKind::invalid, "the CA file cannot be read: " + path + ": " + std::strerror(errno));
  struct stat about{};
  const bool regular = fstat(file, &about) == 0 && S_ISREG(about.st_mode);
  close(file);
  if (!regular) return fail(ErrorKind::invalid, "the CA file is not a regular file: " + path);
  const std::unique_ptr<X509_STORE, FreeStore> store(X509_STORE_new());
  if (!store) throw std::bad_alloc();
  const bool loaded = X509_STORE_load_file(store.get(), path.c_str()) == 1;
  ERR_clear_error();
  if (!loaded) return fail(ErrorKind::invalid, "the CA file holds no certificate in PEM form: " + path);
  return {};
}

}  // namespace jitbot::net
