//! Filling the catalogue from a table (Art. 6): workbooks and CSV as people have them.

use std::fmt::Write as _;
use std::io::{Cursor, Read, Write as _};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use serde_json::{Value, json};

use crate::harness::{Account, Reply, World, id, multipart};
use crate::on_both_stores;

on_both_stores!(
    a_price_list_is_tried_imported_and_found,
    every_fault_is_named_by_its_line_and_nothing_is_imported,
    csv_comes_in_every_usual_encoding,
    a_workbook_with_the_quirks_of_spreadsheets_is_right_or_refused_line_by_line,
    ten_thousand_lines_are_imported_or_refused_at_once,
    instruments_are_imported_and_named_by_services,
    what_is_no_table_is_refused,
    the_template_can_be_filled_in,
    a_table_is_the_facility_s_own_affair,
    a_workbook_that_asks_for_all_the_memory_is_refused,
    a_service_names_so_many_instruments_and_each_is_found_once,
    what_cannot_be_kept_is_named_in_every_kind_of_table,
    a_thousand_faults_are_named_and_the_others_counted,
);

const HEADINGS: &str = "服务名称,服务内容,服务领域,服务类型,单价(元),计价单位,服务周期(天)";

async fn send(world: &World, account: &Account, path: &str, bytes: &[u8]) -> Reply {
    let (kind, body) = multipart("file", "价格表", bytes);
    world.post(&format!("/me/facility/{path}")).by(account).raw(&kind, body).send().await
}

/// The faults of a refused table: field and rule.
fn faults(refusal: &Value) -> Vec<(String, String)> {
    let fields = refusal["fields"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    fields.map(|fault| (text(&fault["field"]), text(&fault["rule"]))).collect()
}

fn expected(faults: &[(&str, &str)]) -> Vec<(String, String)> {
    faults.iter().map(|(field, rule)| ((*field).to_owned(), (*rule).to_owned())).collect()
}

async fn listed(world: &World, account: &Account) -> usize {
    world.read(account, "/me/facility/services?limit=200").await["items"].as_array().unwrap().len()
}

async fn a_price_list_is_tried_imported_and_found(world: World) {
    let facility = world.facility().await;
    let table = format!(
        "\u{feff}2026 年价格表,,,,,,\r\n{HEADINGS}\r\n\
         质谱成分分析,有机物定性,新材料,分析,\"1,200.00\",样,5天\r\n\
         电镜测试,形貌观察,医药健康,测试,８００元,机时,3\r\n,,,,,,\r\n"
    );
    let tried = send(&world, &facility, "services/import?dry_run=true", table.as_bytes()).await.expect(200);
    assert_eq!(tried, json!({ "lines": 2, "imported": 2 }));
    assert_eq!(listed(&world, &facility).await, 0, "a trial changes nothing");
    let done = send(&world, &facility, "services/import", table.as_bytes()).await.expect(200);
    assert_eq!(done, tried);
    let found = world.get("/services?q=%E8%B4%A8%E8%B0%B1").send().await.expect(200);
    let service = &found["items"][0];
    assert_eq!((&service["name"], &service["price_fen"]), (&json!("质谱成分分析"), &json!(120_000)));
    assert_eq!((&service["turnaround_days"], &service["field"]), (&json!(5), &json!("new_materials")));
    assert_eq!(world.ids("/services?max_price_fen=80000").await.len(), 1);
    // Sent again, it is all there already.
    let again = send(&world, &facility, "services/import", table.as_bytes()).await.refused(422, "validation_failed");
    assert_eq!(faults(&again), expected(&[("lines[3].name", "unique"), ("lines[4].name", "unique")]));
    assert_eq!(listed(&world, &facility).await, 2);
}

async fn every_fault_is_named_by_its_line_and_nothing_is_imported(world: World) {
    let facility = world.facility().await;
    let table = format!(
        "{HEADINGS},是否强制或法定检测,使用仪器,算力机型,算力数量,算力单位\n\
         好的服务,用途,新材料,测试,100,次,5,否,,,,\n\
         ,用途,新材料,测试,100,次,5,,,,,\n\
         价格不对,用途,新材料,测试,面议,次,5,,,,,\n\
         太精确,用途,新材料,测试,0.001,次,五天,,,,,\n\
         领域不对,用途,星相,看相,100,次,5,也许,,,,\n\
         好的服务,用途,新材料,测试,200,次,5,,,,,\n\
         没有机型,用途,信息技术,算力,12,卡时,1,,,,,\n\
         有机型,用途,信息技术,算力,12,卡时,1,,,8×910B,1,卡时\n\
         不是算力,用途,信息技术,测试,12,次,1,,,8×910B,1,年\n\
         没有这台,用途,新材料,测试,100,次,5,,不存在的仪器,,,\n\
         零元,用途,新材料,测试,0,次,0,,,,,\n"
    );
    let wanted = expected(&[
        ("lines[3].name", "form"),
        ("lines[4].price_fen", "amount"),
        ("lines[5].price_fen", "whole_fen"),
        ("lines[5].turnaround_days", "whole_number"),
        ("lines[6].field", "known"),
        ("lines[6].kind", "known"),
        ("lines[6].is_statutory_testing", "yes_or_no"),
        ("lines[7].name", "unique"),
        ("lines[8].compute", "form"),
        ("lines[10].compute.unit", "known"),
        ("lines[11].instruments", "exists"),
        ("lines[12].price_fen", "form"),
        ("lines[12].turnaround_days", "form"),
    ]);
    for path in ["services/import?dry_run=true", "services/import"] {
        let refusal = send(&world, &facility, path, table.as_bytes()).await.refused(422, "validation_failed");
        assert_eq!(faults(&refusal), wanted, "{path}");
        assert!(refusal["fields"][1]["message"].as_str().unwrap().starts_with("第 4 行:"), "{refusal}");
    }
    assert_eq!(listed(&world, &facility).await, 0);
}

async fn csv_comes_in_every_usual_encoding(world: World) {
    let facility = world.facility().await;
    for (number, mark) in ["utf8", "utf8-mark", "gbk", "gb18030-mark", "utf16"].into_iter().enumerate() {
        let delimiter = if number % 2 == 0 { "," } else { ";" };
        let text = format!("{HEADINGS}\r\n质谱仪检测{number},用途,新材料,检测,100,次,5\r\n").replace(',', delimiter);
        let gbk = encoding_rs::GBK.encode(&text).0.into_owned();
        let bytes = match mark {
            "utf8" => text.into_bytes(),
            "utf8-mark" => format!("\u{feff}{text}").into_bytes(),
            "gbk" => gbk,
            "gb18030-mark" => [b"\x84\x31\x95\x33".as_slice(), &gbk].concat(),
            _ => [vec![0xff, 0xfe], text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat(),
        };
        let done = send(&world, &facility, "services/import", &bytes).await.expect(200);
        assert_eq!(done["imported"], 1, "{mark}");
        let found =
            world.get(&format!("/services?q=%E8%B4%A8%E8%B0%B1%E4%BB%AA%E6%A3%80%E6%B5%8B+{number}")).send().await;
        assert_eq!(found.expect(200)["items"].as_array().unwrap().len(), 1, "{mark}");
    }
}

fn headings(sheet: &mut rust_xlsxwriter::Worksheet, row: u32) {
    for (column, heading) in (0_u16..).zip(HEADINGS.split(',')) {
        sheet.write_string(row, column, heading).unwrap();
    }
}

async fn a_workbook_with_the_quirks_of_spreadsheets_is_right_or_refused_line_by_line(world: World) {
    let facility = world.facility().await;
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("说明").unwrap().write_string(0, 0, "填写说明").unwrap();
    let sheet = workbook.add_worksheet();
    let plain = Format::new();
    // A title across the columns, then the headings, then fields merged down over their lines.
    sheet.merge_range(0, 0, 0, 6, "2026 年服务价格表", &plain).unwrap();
    headings(sheet, 1);
    sheet.merge_range(2, 2, 4, 2, "新材料", &plain).unwrap();
    sheet.merge_range(2, 6, 3, 6, "5", &plain).unwrap();
    for (row, name) in [(2_u32, "质谱"), (3, "光谱"), (4, "色谱")] {
        sheet.write_string(row, 0, name).unwrap().write_string(row, 1, "用途").unwrap();
        sheet.write_string(row, 3, "测试").unwrap().write_string(row, 5, "样").unwrap();
    }
    sheet.write_number(2, 4, 0.1 + 0.2).unwrap().write_string(3, 4, "１,２００.５０").unwrap();
    sheet.write_formula(4, 4, rust_xlsxwriter::Formula::new("=100*12").set_result("1200")).unwrap();
    sheet.write_number(4, 6, 7).unwrap();
    // Formatted to the end of the sheet, as people do with whole columns.
    sheet.write_blank(1_048_575, 16_383, &Format::new().set_bold()).unwrap();
    let good = workbook.save_to_buffer().unwrap();
    assert_eq!(send(&world, &facility, "services/import", &good).await.expect(200)["imported"], 3);
    let prices: Vec<_> = world.read(&facility, "/me/facility/services").await["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|service| (service["price_fen"].clone(), service["turnaround_days"].clone(), service["field"].clone()))
        .collect();
    let materials = json!("new_materials");
    let line = |price: i64, days: i64| (json!(price), json!(days), materials.clone());
    assert_eq!(prices, [line(120_000, 7), line(120_050, 5), line(30, 5)]);

    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    headings(sheet, 0);
    let date = Format::new().set_num_format("yyyy-mm-dd");
    for row in 1..=4 {
        for (column, text) in [
            (0, format!("服务{row}")),
            (1, "用途".into()),
            (2, "新材料".into()),
            (3, "测试".into()),
            (4, "1".into()),
            (5, "次".into()),
            (6, "5".into()),
        ] {
            sheet.write_string(row, column, text).unwrap();
        }
    }
    // `3-5` typed into a cell, a broken formula, two fields in one cell, text where a number is due.
    sheet.write_datetime_with_format(1, 6, ExcelDateTime::from_ymd(2026, 3, 5).unwrap(), &date).unwrap();
    sheet.write_formula(2, 4, rust_xlsxwriter::Formula::new("=#REF!").set_result("#REF!")).unwrap();
    sheet.merge_range(3, 0, 3, 1, "名称和用途", &plain).unwrap();
    sheet.write_string(4, 6, "3-5 天").unwrap();
    let bad = workbook.save_to_buffer().unwrap();
    let refusal = send(&world, &facility, "services/import", &bad).await.refused(422, "validation_failed");
    let named = faults(&refusal);
    for (field, rule) in [
        ("lines[2].turnaround_days", "date_cell"),
        ("lines[4].name", "merged_cells"),
        ("lines[4].purpose", "merged_cells"),
        ("lines[5].turnaround_days", "whole_number"),
    ] {
        assert!(named.contains(&(field.to_owned(), rule.to_owned())), "{field} {rule}: {named:?}");
    }
    assert!(named.iter().any(|(field, _)| field == "lines[3].price_fen"), "{named:?}");
    assert_eq!(listed(&world, &facility).await, 3);
}

async fn ten_thousand_lines_are_imported_or_refused_at_once(world: World) {
    let facility = world.facility().await;
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    headings(sheet, 0);
    for row in 1..=10_000_u32 {
        sheet.write_string(row, 0, format!("第{row}号质谱服务")).unwrap();
        for (column, text) in [(1, "成分分析"), (2, "新材料"), (3, "分析"), (5, "样")] {
            sheet.write_string(row, column, text).unwrap();
        }
        sheet.write_number(row, 4, f64::from(row)).unwrap().write_number(row, 6, 5).unwrap();
    }
    sheet.write_string(7_777, 4, "一千元").unwrap();
    let wrong = workbook.save_to_buffer().unwrap();
    let refusal = send(&world, &facility, "services/import", &wrong).await.refused(422, "validation_failed");
    assert_eq!(faults(&refusal), expected(&[("lines[7778].price_fen", "amount")]));
    assert_eq!(listed(&world, &facility).await, 0);

    workbook.worksheet_from_index(0).unwrap().write_string(7_777, 4, " 1,000.50 ").unwrap();
    let right = workbook.save_to_buffer().unwrap();
    let tried = send(&world, &facility, "services/import?dry_run=true", &right).await.expect(200);
    assert_eq!((tried["imported"].clone(), listed(&world, &facility).await), (json!(10_000), 0));
    let done = send(&world, &facility, "services/import", &right).await.expect(200);
    assert_eq!(done, json!({ "lines": 10_000, "imported": 10_000 }));
    let counted = world.get("/services?q=%E8%B4%A8%E8%B0%B1&facets=true&limit=1").send().await.expect(200);
    assert_eq!(counted["facets"]["total"], 10_000);
    let mut table = format!("{HEADINGS}\n");
    for row in 1..=10_001 {
        writeln!(table, "第{row}号质谱服务,成分分析,新材料,分析,{row},样,5").unwrap();
    }
    let refusal = send(&world, &facility, "services/import", table.as_bytes()).await.refused_field("file");
    assert_eq!(refusal["fields"][0]["rule"], "max_lines");
    // A table that is wrong everywhere is told so, not line by line without end.
    let wrong = table.lines().take(5_000).collect::<Vec<_>>().join("\n").replace("新材料", "未知");
    let refusal = send(&world, &facility, "services/import", wrong.as_bytes()).await.refused_field("file");
    assert_eq!(refusal["fields"].as_array().unwrap().len(), 1_001);
}

async fn instruments_are_imported_and_named_by_services(world: World) {
    let facility = world.facility().await;
    let table = "仪器名称,生产厂商,型号,类别,原值(元),开放规则\n\
                 质谱仪,Waters,TQ-S,质谱,\"3,200,000\",预约\n质谱仪,Thermo,Q,质谱,1,预约\n电镜,JEOL,F200,电镜,12000000.50,预约\n";
    assert_eq!(send(&world, &facility, "instruments/import", table.as_bytes()).await.expect(200)["imported"], 3);
    let own = world.read(&facility, "/me/facility/instruments").await;
    let of = |model: &str| own["items"].as_array().unwrap().iter().find(|one| one["model"] == model).unwrap().clone();
    assert_eq!(of("TQ-S")["original_value_fen"], 320_000_000);
    assert_eq!(world.ids("/instruments?q=waters").await, [id(&of("TQ-S"))]);
    let refusal =
        send(&world, &facility, "instruments/import", table.as_bytes()).await.refused(422, "validation_failed");
    assert_eq!(faults(&refusal).len(), 3);
    let services = |instruments: &str| format!("{HEADINGS},使用仪器\n联用,用途,新材料,分析,1,样,5,{instruments}\n");
    let ambiguous = send(&world, &facility, "services/import", services("质谱仪").as_bytes()).await;
    assert_eq!(
        faults(&ambiguous.refused(422, "validation_failed")),
        expected(&[("lines[2].instruments", "ambiguous")])
    );
    let done = send(&world, &facility, "services/import", services("质谱仪 TQ-S、电镜;电镜").as_bytes()).await;
    assert_eq!(done.expect(200)["imported"], 1);
    let service = world.get("/services").send().await.expect(200)["items"][0].clone();
    assert_eq!(service["instrument_ids"], json!([of("TQ-S")["id"], of("F200")["id"]]));
}

async fn what_is_no_table_is_refused(world: World) {
    let facility = world.facility().await;
    for (bytes, rule) in [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old".as_slice(), "readable"),
        (b"PK\x03\x04 no workbook", "readable"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "readable"),
        (b"", "headings"),
        ("名称,价格\n质谱,5\n".as_bytes(), "headings"),
        (HEADINGS.as_bytes(), "not_empty"),
        (format!("{HEADINGS},服务名称\na,b,新材料,测试,1,次,5,c\n").as_bytes(), "headings"),
        (HEADINGS.replace("(元)", "(万元)").as_bytes(), "headings"),
    ] {
        let refusal = send(&world, &facility, "services/import", bytes).await.refused_field("file");
        assert_eq!(refusal["fields"][0]["rule"], rule, "{:?}", String::from_utf8_lossy(bytes));
    }
    let reply = world.post("/me/facility/services/import").by(&facility).json(json!({})).send().await;
    reply.refused(415, "unsupported_media_type");
    assert_eq!(listed(&world, &facility).await, 0);
}

async fn the_template_can_be_filled_in(world: World) {
    let facility = world.facility().await;
    for (what, format) in [("services", "csv"), ("services", "xlsx"), ("instruments", "csv"), ("instruments", "xlsx")] {
        let path = format!("/me/facility/{what}/import/template?format={format}");
        let template = world.get(&path).by(&facility).send().await;
        assert_eq!(template.status, 200, "{path}");
        // Its example is a right line.
        let tried = send(&world, &facility, &format!("{what}/import?dry_run=true"), &template.bytes).await;
        assert_eq!(tried.expect(200)["imported"], 1, "{path}");
    }
    world.get("/me/facility/services/import/template?format=ods").by(&facility).send().await.refused_field("format");
}

async fn a_table_is_the_facility_s_own_affair(world: World) {
    let table = format!("{HEADINGS}\n质谱,用途,新材料,分析,1,样,5\n");
    let unknown = world.registered("facility").await;
    send(&world, &unknown, "services/import", table.as_bytes()).await.refused(404, "not_found");
    send(&world, &world.enterprise().await, "services/import", table.as_bytes()).await.refused(403, "forbidden");
    // Before it serves, a facility fills in what it will offer.
    let draft = world.drafted_facility(json!({})).await;
    send(&world, &draft, "services/import", table.as_bytes()).await.expect(200);
    assert!(world.ids("/services").await.is_empty());
    // Under a key, a repeat is the same import, not a second one.
    let (kind, body) = multipart("file", "价格表", table.as_bytes());
    let facility = world.facility().await;
    let ask = || world.post("/me/facility/services/import").by(&facility).key("once").raw(&kind, body.clone()).send();
    let first = ask().await.expect(200);
    assert_eq!(ask().await.expect(200), first);
    assert_eq!(listed(&world, &facility).await, 1);
}

/// A workbook in which one part says something else.
fn with_part(workbook: &[u8], name: &str, change: impl Fn(String) -> String) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut changed = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let part_name = part.name().unwrap().into_owned();
        let mut content = String::new();
        part.read_to_string(&mut content).unwrap();
        let content = if part_name == name { change(content) } else { content };
        changed.start_file(part_name, zip::write::SimpleFileOptions::default()).unwrap();
        changed.write_all(content.as_bytes()).unwrap();
    }
    changed.finish().unwrap().into_inner()
}

/// A workbook with one service.
fn one_service() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    headings(sheet, 0);
    for (column, text) in (0_u16..).zip(["质谱检测", "用途", "新材料", "测试", "1", "次", "5"]) {
        sheet.write_string(1, column, text).unwrap();
    }
    workbook.save_to_buffer().unwrap()
}

async fn a_workbook_that_asks_for_all_the_memory_is_refused(world: World) {
    let facility = world.facility().await;
    let claiming = |count: &'static str| {
        with_part(&one_service(), "xl/sharedStrings.xml", |strings| {
            let at = strings.find("uniqueCount=\"").unwrap() + "uniqueCount=\"".len();
            let end = at + strings[at..].find('"').unwrap();
            format!("{}{count}{}", &strings[..at], &strings[end..])
        })
    };
    for count in ["40000000000", "1000001", "18446744073709551615"] {
        let refusal = send(&world, &facility, "services/import", &claiming(count)).await.refused_field("file");
        assert_eq!(refusal["fields"][0]["rule"], "readable", "{count}");
    }
    assert_eq!(send(&world, &facility, "services/import", &claiming("14")).await.expect(200)["imported"], 1);
}

async fn a_service_names_so_many_instruments_and_each_is_found_once(world: World) {
    let facility = world.facility().await;
    let mut table = "仪器名称,生产厂商,型号,类别,原值(元),开放规则\n".to_owned();
    for number in 1..=51 {
        writeln!(table, "质谱仪{number},Waters,Q{number},质谱,1,预约").unwrap();
    }
    send(&world, &facility, "instruments/import", table.as_bytes()).await.expect(200);
    let services =
        |names: Vec<String>| format!("{HEADINGS},使用仪器\n联用,用途,新材料,分析,1,样,5,{}\n", names.join(";"));
    let of = |numbers: std::ops::RangeInclusive<u32>| numbers.map(|number| format!("质谱仪{number}"));
    let refusal = send(&world, &facility, "services/import", services(of(1..=51).collect()).as_bytes()).await;
    assert_eq!(faults(&refusal.refused(422, "validation_failed")), expected(&[("lines[2].instruments", "form")]));
    // Fifty, written in one way and in the other.
    let twice = of(1..=50).chain((1..=50).map(|number| format!("质谱仪{number}  Q{number}").replace("  ", " ")));
    let refusal = send(&world, &facility, "services/import", services(twice.collect()).as_bytes()).await;
    assert_eq!(faults(&refusal.refused(422, "validation_failed")), expected(&[("lines[2].instruments", "form")]));
    let repeated = of(1..=50).chain(of(1..=50));
    send(&world, &facility, "services/import", services(repeated.collect()).as_bytes()).await.expect(200);
    let own = world.read(&facility, "/me/facility/services").await;
    assert_eq!(own["items"][0]["instrument_ids"].as_array().unwrap().len(), 50);
    // The same rule for a service that is changed.
    let ids: Vec<Value> = vec![own["items"][0]["instrument_ids"][0].clone(); 51];
    let path = format!("/me/facility/services/{}", id(&own["items"][0]));
    let change = world.patch(&path).by(&facility).if_match(&own["items"][0]["version"]);
    change.json(json!({ "instrument_ids": ids })).send().await.refused_field("instrument_ids");
}

async fn what_cannot_be_kept_is_named_in_every_kind_of_table(world: World) {
    let facility = world.facility().await;
    let marked = format!("\u{feff}{HEADINGS}\n质\0谱,用途,新材料,测试,1,次,5\n好的,用\u{1}途,新材料,测试,1,次,5\n");
    let refusal = send(&world, &facility, "services/import", marked.as_bytes()).await.refused(422, "validation_failed");
    assert_eq!(faults(&refusal), expected(&[("lines[2].name", "printable"), ("lines[3].purpose", "printable")]));
    let workbook =
        with_part(&one_service(), "xl/sharedStrings.xml", |strings| strings.replace("质谱检测", "质谱_x0000_检测"));
    let refusal = send(&world, &facility, "services/import", &workbook).await.refused(422, "validation_failed");
    assert_eq!(faults(&refusal), expected(&[("lines[2].name", "printable")]));
    // Text in another column, of another table.
    let table = "\u{feff}仪器名称,生产厂商,型号,类别,原值(元),开放规则\n质谱仪,Waters,TQ,质谱,1,预\0约\n";
    let refusal =
        send(&world, &facility, "instruments/import", table.as_bytes()).await.refused(422, "validation_failed");
    assert_eq!(faults(&refusal), expected(&[("lines[2].opening_rules", "printable")]));
    assert_eq!(listed(&world, &facility).await, 0);
}

async fn a_thousand_faults_are_named_and_the_others_counted(world: World) {
    let facility = world.facility().await;
    for (lines, named) in [(1_000, 1_000), (1_001, 1_001), (1_500, 1_001)] {
        let mut table = format!("{HEADINGS}\n");
        for row in 1..=lines {
            writeln!(table, "第{row}号,成分分析,新材料,分析,0,样,5").unwrap();
        }
        let refusal = send(&world, &facility, "services/import", table.as_bytes()).await;
        let refusal = refusal.refused(422, "validation_failed");
        let faults = faults(&refusal);
        assert_eq!(faults.len(), named, "{lines}");
        assert_eq!(faults[999], expected(&[("lines[1001].price_fen", "form")])[0]);
        if lines > 1_000 {
            assert_eq!(faults[1_000], expected(&[("file", "more_faults")])[0]);
            let message = refusal["fields"][1_000]["message"].as_str().unwrap();
            assert!(message.contains(&format!(" {} ", lines - 1_000)), "{message}");
        }
    }
}
