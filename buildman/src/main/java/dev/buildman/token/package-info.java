/**
 * Mints and verifies the tokens that agents show: who they are and which session they speak for.
 */
@NullMarked
package dev.buildman.token;

import org.jspecify.annotations.NullMarked;
