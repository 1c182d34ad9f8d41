package dev.buildman.intake;

/**
 * One field of a request that is wrong.
 *
 * @param field its path in the request, as the API names it: {@code spec.git.url}
 * @param text what is wrong and what is allowed; never a secret's value
 */
public record Violation(String field, String text) {}
