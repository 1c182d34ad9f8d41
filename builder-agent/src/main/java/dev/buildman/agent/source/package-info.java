/** Fetches what a build is made of, and lets none of it out of the work folder. */
@NullMarked
package dev.buildman.agent.source;

import org.jspecify.annotations.NullMarked;
