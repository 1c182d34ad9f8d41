/** Everything that a manager needs on one machine: a Redis, ports, secrets, a folder for data. */
@NullMarked
package dev.buildman.standalone;

import org.jspecify.annotations.NullMarked;
