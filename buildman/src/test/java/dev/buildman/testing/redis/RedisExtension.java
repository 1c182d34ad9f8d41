package dev.buildman.testing.redis;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One server per run, started when the first test asks; one {@link TestRedis} per test. */
final class RedisExtension implements ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(RedisExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == TestRedis.class || type == OwnRedis.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Store store = context.getStore(NAMESPACE);
    if (parameter.getParameter().getType() == OwnRedis.class) {
      return store.computeIfAbsent(
          OwnRedis.class,
          _ -> new OwnRedis(RedisProcess.durable(RedisServers.program())),
          OwnRedis.class);
    }
    RedisServer server =
        context
            .getRoot()
            .getStore(NAMESPACE)
            .computeIfAbsent(RedisServer.class, _ -> RedisServers.shared(), RedisServer.class);
    return store.computeIfAbsent(TestRedis.class, _ -> new TestRedis(server), TestRedis.class);
  }
}
