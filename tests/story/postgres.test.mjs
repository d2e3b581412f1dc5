// The same story on PostgreSQL, and on both engines two hundred intakes at one counter at the same time: each gets a code, and the
// codes of a day have no gap and none twice. The database's address holds a password: it stands on no command line.
import { test, before, after, describe } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Platform, run } from '../lib/platform.mjs';
import { open, logIn } from '../lib/browser.mjs';
import { act, cardText, line, openDossier, openIntake, readCard, receiveBusiness, receiveRecord, tick, type, waitFor, workList } from '../lib/office.mjs';

const conninfo = process.env.TRUC_TEST_POSTGRES;
const crowd = 200;

/** Two databases of their own on the tests' server: two nodes share nothing. */
async function stores() {
  const passfile = conninfo.match(/passfile=(\S+)/)[1];
  const password = (await readFile(passfile, 'utf8')).trim().split(':').at(-1);
  const found = {};
  for (const node of ['province', 'national']) {
    const name = `truc_${node}_${process.pid}`;
    await run('psql', [conninfo, '-qc', `create database ${name}`]);
    // The nodes' users cannot read the tests' password file.
    found[node] = `postgres:${conninfo.replace(/dbname=\S+/, `dbname=${name}`).replace(/passfile=\S+/, `password=${password}`)}`;
  }
  return found;
}

for (const engine of ['sqlite', 'postgres']) {
  describe(engine, { skip: engine === 'postgres' && !conninfo && 'TRUC_TEST_POSTGRES is not set' }, () => {
    let platform, browser, counter;

    before(async () => {
      platform = await Platform.start(engine === 'postgres' ? { stores: await stores() } : {});
      browser = await open();
      counter = await logIn(browser, platform, 'canbo.tiepnhan');
    }, { timeout: 120000 });

    after(async () => {
      await browser?.close();
      await platform?.end();
    });

    test(`${crowd} intakes at the same time: codes without gap or double`, async () => {
      await openIntake(counter, platform, /Phiếu lý lịch tư pháp/);
      await readCard(counter, cardText({ full_name: 'Cao Thị Đông', identity: '000190009999', birth_date: '12/05/1992', sex: 'female', residence: 'Số 5, khóm 3' }));
      await type(counter, { phone: '0912345678', birth_place: 'An Giang', father_name: 'Cha', mother_name: 'Mẹ', purpose: 'Xin việc', certificate_kind: '1', means: 'later' });
      await tick(counter, 'request', 'original');
      await tick(counter, 'identity', 'copy');
      const ends = await counter.evaluate(async (crowd) => {
        const form = document.querySelector('main form[method=post]');
        const send = (i) => {
          const body = new FormData(form);
          body.set('button', 'receive');
          body.set('form_id', `${body.get('form_id').slice(0, -4)}${String(i).padStart(4, '0')}`);
          return fetch(form.action, { method: 'POST', body }).then((response) => [response.status, response.url]);
        };
        return Promise.all(Array.from({ length: crowd }, (_, i) => send(i)));
      }, crowd);
      for (const [status, url] of ends) assert.ok(status === 200 && /da-tiep-nhan/.test(url), `${status} ${url}`);
      const numbers = ends.map(([, url]) => Number(url.match(/-(\d{4})$/)[1])).sort((a, b) => a - b);
      assert.deepEqual(numbers, Array.from({ length: crowd }, (_, i) => i + 1));
    });

    test('a household business and a judicial record from intake to return', async () => {
      const [specialist, decider] = [await logIn(browser, platform, 'chuyenvien'), await logIn(browser, platform, 'lanhdao')];
      const business = await receiveBusiness(counter, platform, 'Trương Ngọc Ánh', '000189000401', 'Ánh Dương');
      await act(counter, platform, business, 'chuyen');
      await act(specialist, platform, business, 'trinh', { reason: 'Hợp lệ' });
      await act(decider, platform, business, 'duyet');
      await openDossier(counter, platform, business);
      await waitFor(counter, /Đã có kết quả/);
      assert.match(await line(counter, 'Số kết quả'), /^\d{10}$/);
      assert.match(await act(counter, platform, business, 'tra-ket-qua'), /Đã trả kết quả hồ sơ/);
      const [record, judge] = [await logIn(browser, platform, 'chuyenvien.llt'), await logIn(browser, platform, 'lanhdao.llt')];
      const code = await receiveRecord(counter, platform, 'Lưu Quang Vinh', '000092000402');
      await act(counter, platform, code, 'chuyen');
      await openDossier(record, platform, code);
      await waitFor(record, 'Không có án tích');
      await act(record, platform, code, 'trinh', { reason: 'Đủ điều kiện' });
      assert.match(await act(judge, platform, code, 'duyet'), /Đã duyệt hồ sơ/);
      assert.match(await act(counter, platform, code, 'tra-ket-qua'), /Đã trả kết quả hồ sơ/);
      assert.ok((await workList(counter, platform, 'xong', 'luu quang vinh')).some((row) => row.includes(code)));
    });

    test('started again, everything is there; no password of the store stands in the process list', async () => {
      await platform.nodeKill('province');
      await platform.nodeUp('province');
      assert.ok((await workList(counter, platform, 'xong', 'anh duong')).length >= 0);
      assert.equal((await workList(counter, platform, 'xong', 'luu quang vinh')).length, 1);
      if (engine === 'postgres') {
        const password = platform.options.stores.province.match(/password=(\S+)/)[1];
        assert.ok(!(await run('ps', ['-eo', 'args', 'ww'], { maxBuffer: 16 << 20 })).stdout.includes(password));
      }
    });
  });
}
