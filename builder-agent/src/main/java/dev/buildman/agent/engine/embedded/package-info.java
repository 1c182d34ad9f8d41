/**
 * The engine that needs no daemon and no privilege: it copies files and sets metadata, and runs no
 * command.
 */
@NullMarked
package dev.buildman.agent.engine.embedded;

import org.jspecify.annotations.NullMarked;
