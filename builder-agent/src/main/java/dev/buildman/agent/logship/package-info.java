/**
 * What a person follows of a build, on its way to the manager: masked, ordered, batched, bounded.
 */
@NullMarked
package dev.buildman.agent.logship;

import org.jspecify.annotations.NullMarked;
