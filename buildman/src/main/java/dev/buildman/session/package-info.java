/** What agents may do: register, beat, set phases, send log lines, ask for a cache. */
@NullMarked
package dev.buildman.session;

import org.jspecify.annotations.NullMarked;
