// The one place where Beast's own code is compiled (BOOST_BEAST_SEPARATE_COMPILATION,
// deploy/cmake/settings.cmake).
#include <boost/beast/src.hpp>
