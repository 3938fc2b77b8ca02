/** What the processes get to see of the launcher's environment. Settings and secrets reach them over their pipes. */

const EVERYBODY = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR']
const WINDOWS = ['SystemRoot', 'windir', 'TEMP', 'TMP', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'PATHEXT', 'ComSpec', 'NUMBER_OF_PROCESSORS']
/** For those of our processes that call the outside world: the flow runtime is not one of them, a proxy's URL may hold a password. */
const NETWORK = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR']

/** The collector's standard variables are many (opentelemetry.io, "SDK Configuration"); the flow runtime gets none: headers may hold a key. */
const isTelemetry = (name: string) => name.startsWith('OTEL_')

/** What the program of CELLWRIGHT_ACME_DNS_HOOK needs to change a domain, most often a key: for the gateway, which starts it, alone. */
const isForAcmeHook = (name: string) => name.startsWith('ACME_HOOK_')

/**
 * The environment of a child process: a short list of names and nothing else. A property `${NAME}` of a
 * node and JSONata's `$env` read the flow runtime's environment, so it must hold nothing worth reading.
 */
export function environmentFor(who: 'gateway' | 'trusted' | 'runtime', logLevel: string, env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const names = [
    ...EVERYBODY,
    ...(process.platform === 'win32' ? WINDOWS : []),
    ...(who !== 'runtime' ? [...NETWORK, ...Object.keys(env).filter(isTelemetry)] : []),
    ...(who === 'gateway' ? Object.keys(env).filter(isForAcmeHook) : []),
  ]
  const passed = names.flatMap((name) => {
    const value = env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...Object.fromEntries(passed), NODE_ENV: 'production', CELLWRIGHT_LOG_LEVEL: logLevel }
}
