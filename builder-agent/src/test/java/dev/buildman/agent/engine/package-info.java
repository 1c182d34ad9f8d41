/** The contract that every engine keeps, and what checks it. */
@NullMarked
package dev.buildman.agent.engine;

import org.jspecify.annotations.NullMarked;
