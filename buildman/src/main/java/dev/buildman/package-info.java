/** The manager of builds: wires its parts in order and closes them in reverse. */
@NullMarked
package dev.buildman;

import org.jspecify.annotations.NullMarked;
