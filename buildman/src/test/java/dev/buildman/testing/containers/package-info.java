/** Container daemons of the machine, each with storage and a socket of a test's own. */
@NullMarked
package dev.buildman.testing.containers;

import org.jspecify.annotations.NullMarked;
