/** An agent of ours as a test plays it: every message by hand. */
@NullMarked
package dev.buildman.testing.agent;

import org.jspecify.annotations.NullMarked;
