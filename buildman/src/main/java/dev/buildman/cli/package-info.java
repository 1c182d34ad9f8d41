/** The command line for people: each command in a class of its own. */
@NullMarked
package dev.buildman.cli;

import org.jspecify.annotations.NullMarked;
