/**
 * The systemd unit. Every choice that is not plain is explained in the unit itself, where whoever runs the computer reads it.
 * Directives: systemd.service(5), systemd.exec(5), systemd.kill(5), systemd.resource-control(5).
 */

/** The unit's name, also of its folders below /var/lib, /var/cache, /run and /etc. */
export const SERVICE = 'cellwright'

/** From systemd's exit codes that a program may give itself (sysexits.h): a person must put something right, and starting again does not help. */
export const EX_CONFIG = 78

export interface UnitFacts {
  /** The program's folder: where package.json lies. */
  root: string
  /** The Node that runs it. */
  node: string
  envFile: string
  dataDir: string
  /** Further folders that it writes to: shared files, promotions, templates. */
  writable: readonly string[]
  /** Who it runs as; undefined: a unit of the user who installs it. */
  user: string | undefined
  /** The group that serial ports belong to here; undefined: there is none. */
  serialGroup: string | undefined
  /** It listens on a port below 1024. */
  needsLowPort: boolean
}

/** Path as one word of a unit: specifiers (%) and quotes mean nothing in it. */
const word = (path: string) => `"${path.replaceAll('%', '%%').replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** systemd takes no other characters in a program's path (place.ts refuses them). */
const command = ({ node, root }: UnitFacts) => `ExecStart=${word(node)} ${word(`${root}/dist/cli.js`)} start`

/** What both kinds of unit have: how it lives, and how it ends. */
const LIFE = `
# systemd-notify, run by the launcher, says when it is ready and that it is well.
Type=notify
NotifyAccess=all
Restart=on-failure
RestartSec=5
# 2 and ${EX_CONFIG}: a person must put something right first (a setting, a database of a newer version). The reason is in the log.
RestartPreventExitStatus=2 ${EX_CONFIG}
# The start takes more time while it says so: migrations, and the back-up before them.
TimeoutStartSec=180
# Machines are held first, and each gets the time to come to rest.
TimeoutStopSec=120
# The launcher beats after it has looked at its processes. While a machine is not at rest, a gateway that is away is no reason to end anything.
WatchdogSec=120
WatchdogSignal=SIGKILL
# Motion guards outlive a launcher that was killed: they hold their machines and are taken over by the next one. Nobody else ends them.
KillMode=process
# One process that takes too much memory ends alone.
OOMPolicy=continue
SyslogIdentifier=${SERVICE}
LimitNOFILE=65536`

const HARDENING_FOR_ALL = `
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
UMask=0077`

/**
 * Serial ports by the numbers of their drivers (Linux: Documentation/admin-guide/devices.txt), not by name: a name counts only
 * when its driver is there at the start of the service, and USB ports are plugged in later.
 */
const SERIAL = [
  { major: 4, what: 'ttyS, built in' },
  { major: 166, what: 'ttyACM, USB' },
  { major: 188, what: 'ttyUSB, USB' },
  { major: 204, what: 'ttyAMA and others on small computers' },
  { major: 207, what: 'ttymxc and others on small computers' },
]

/** The text of the unit. */
export function unitText(facts: UnitFacts): string {
  return facts.user === undefined ? userUnit(facts) : systemUnit(facts, facts.user)
}

const mounts = ({ root, dataDir }: UnitFacts) => `RequiresMountsFor=${word(root)} ${word(dataDir)}`

function userUnit(facts: UnitFacts): string {
  return `# Written by "cellwright service install --user"; own settings: ${facts.envFile}, or "systemctl --user edit ${SERVICE}".
[Unit]
Description=Cellwright: workflow automation for machine shops
StartLimitIntervalSec=0

[Service]
${command(facts)}
Environment=${word(`CELLWRIGHT_DATA=${facts.dataDir}`)}
EnvironmentFile=-${facts.envFile.replaceAll('%', '%%')}
${LIFE.trim()}
${HARDENING_FOR_ALL.trim()}

[Install]
WantedBy=default.target
`
}

function systemUnit(facts: UnitFacts, user: string): string {
  const { dataDir, serialGroup, needsLowPort } = facts
  const isStateDirectory = dataDir === `/var/lib/${SERVICE}`
  // one that is not there (a network drive that is away) must not keep the service from starting
  const writable = [...(isStateDirectory ? [] : [dataDir]), ...facts.writable.map((path) => `-${path}`)]
  return `# Written by "cellwright service install". Settings: ${facts.envFile}. Own changes: "systemctl edit ${SERVICE}" (they outlive another install).
[Unit]
Description=Cellwright: workflow automation for machine shops
After=network-online.target time-sync.target postgresql.service redis-server.service valkey-server.service
${mounts(facts)}
# It is never given up.
StartLimitIntervalSec=0

[Service]
${command(facts)}
Environment=${word(`CELLWRIGHT_DATA=${dataDir}`)}
# Sockets of the guards: where the next launcher finds them, also when this one was killed. A private /tmp is another one with each start.
Environment=CELLWRIGHT_RUN=/run/${SERVICE}
Environment=NODE_COMPILE_CACHE=/var/cache/${SERVICE}/compile
EnvironmentFile=-${facts.envFile.replaceAll('%', '%%')}
${LIFE.trim()}

User=${user}
Group=${user}
${serialGroup === undefined ? '# No group for serial ports was found here.' : `# Serial ports.\nSupplementaryGroups=${serialGroup}`}
${isStateDirectory ? `StateDirectory=${SERVICE}\nStateDirectoryMode=0700\n` : ''}CacheDirectory=${SERVICE}
RuntimeDirectory=${SERVICE}
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
# Motion guards go before everything else that runs here.
LimitNICE=-7

# What it may see and write.
ProtectSystem=strict
ProtectHome=yes
${writable.length ? `ReadWritePaths=${writable.map((path) => word(path)).join(' ')}\n` : ''}PrivateTmp=yes
PrivateMounts=yes
ProtectProc=invisible
ProtectControlGroups=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectClock=yes
ProtectHostname=yes

# Devices: serial ports (also those plugged in later), and pseudo-terminals for virtual machines.
DevicePolicy=closed
DeviceAllow=char-pts rw
DeviceAllow=/dev/ptmx rw
${SERIAL.map(({ major, what }) => `# ${what}\nDeviceAllow=char-${major} rw`).join('\n')}

# What it may ask of the kernel. MemoryDenyWriteExecute cannot be: JavaScript is compiled while it runs.
${HARDENING_FOR_ALL.trim()}
CapabilityBoundingSet=${needsLowPort ? 'CAP_NET_BIND_SERVICE' : ''}
AmbientCapabilities=${needsLowPort ? 'CAP_NET_BIND_SERVICE' : ''}
# Netlink tells which addresses this computer has.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
# A rehearsal runs its flows in a network of their own, where there is nobody.
RestrictNamespaces=user net
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`
}
