/** What tests of several packages share: real servers on loopback and the programs they need. */
@NullMarked
package dev.buildman.agent.testing;

import org.jspecify.annotations.NullMarked;
