package dev.buildman.testing.redis;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class that needs Redis: a {@link TestRedis} parameter of its methods, constructor or
 * set-up gives it one, with keys of its own for each test. Where a test must kill or pause the
 * server it asks for an {@link OwnRedis}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RedisExtension.class)
public @interface RedisTest {}
