// The one place where Asio's own code is compiled (BOOST_ASIO_SEPARATE_COMPILATION,
// deploy/cmake/settings.cmake).
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
