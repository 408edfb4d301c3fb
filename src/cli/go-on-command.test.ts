import { describe, expect, it } from 'vitest'
import { goOnCommand } from './go-on-command.ts'

const resume = [['--out', 'runs/a'], ['--resume']]

describe('the command that goes on', () => {
  it('begins as the user began it', () => {
    const words = ['train', '--steps', '10']
    const of = (script: string, env = {}) => goOnCommand(['/usr/bin/node', script, ...words], [['--resume']], env)
    expect(of('/usr/local/bin/alippe')).toBe('alippe train --steps 10 --resume')
    expect(of(`${process.cwd()}/bin/alippe.js`)).toBe('node bin/alippe.js train --steps 10 --resume')
    expect(of('/x/alippe', { npm_command: 'exec' })).toBe('npx alippe train --steps 10 --resume')
    const script = { npm_command: 'run', npm_lifecycle_event: 'start' }
    expect(of('/x/alippe.js', script)).toBe('npm run start -- train --steps 10 --resume')
  })

  it('adds nothing that is there', () => {
    const of = (...words: string[]) => goOnCommand(['node', '/b/alippe', ...words], resume, {})
    expect(of('train')).toBe('alippe train --out runs/a --resume')
    expect(of('train', '--resume', '--out', 'runs/b')).toBe('alippe train --resume --out runs/b')
    expect(of('train', '--out=runs/b')).toBe('alippe train --out=runs/b --resume')
  })

  it('is read by a shell as it was', () => {
    const words = ['--data', "it's a text", '$HOME', '', 'a*b', 'қазақша.txt']
    const command = goOnCommand(['node', '/b/alippe', ...words], [], {})
    expect(command).toBe("alippe --data 'it'\\''s a text' '$HOME' '' 'a*b' 'қазақша.txt'")
  })
})
