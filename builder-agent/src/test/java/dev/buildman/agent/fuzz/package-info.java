/** Runs the coverage-guided fuzzer over what reads untrusted input. */
@NullMarked
package dev.buildman.agent.fuzz;

import org.jspecify.annotations.NullMarked;
