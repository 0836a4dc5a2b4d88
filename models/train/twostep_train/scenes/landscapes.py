"""The colours of landscapes: two sets for each place and light, chosen by eye."""


def hexes(*codes: str):
    return [tuple(int(code[i : i + 2], 16) / 127.5 - 1 for i in (0, 2, 4)) for code in codes]


# Sky above, sky at the horizon, far, near, sun or lights. Chosen by eye.
PAINTED = {
    ("mountains", "day"): [hexes("6FB7F0", "DDF1FF", "9DB4D6", "2F7D6B", "FFE08A"), hexes("8FD0F7", "FDF3E3", "B7BFD9", "3C5E8C", "FFD56B")],
    ("mountains", "sunset"): [hexes("6B4FA3", "FFB26B", "C77D9B", "3D2352", "FFE3A3"), hexes("F2748C", "FFD9A0", "B5658F", "44264F", "FFF1C9")],
    ("mountains", "night"): [hexes("0E1638", "33407F", "4A568F", "10162F", "FFF3D1"), hexes("141033", "4B3B82", "4F4484", "150F2B", "F4F0FF")],
    ("sea", "day"): [hexes("6FC0F2", "E4F6FF", "53B3DE", "1E63B0", "FFF0B0"), hexes("9ADCF0", "F7FBF0", "4CC2C0", "13788C", "FFE08A")],
    ("sea", "sunset"): [hexes("7A4FA0", "FF9E6B", "C9617F", "3A2A66", "FFE0A0"), hexes("F36F7F", "FFD08A", "E0727A", "5A2E63", "FFF0C0")],
    ("sea", "night"): [hexes("0B1437", "2C3F7D", "24407D", "0C1836", "FFF2CF"), hexes("16123A", "49408A", "34356F", "120F2C", "EFEBFF")],
    ("hills", "day"): [hexes("7CC7F4", "E9F8FF", "A8DB8F", "2F9458", "FFDE7A"), hexes("A6E0F5", "FFF7E0", "C8E08A", "4E9E4A", "FFD35C")],
    ("hills", "sunset"): [hexes("8C5BB0", "FFB877", "D98A6B", "59306B", "FFE7AE"), hexes("F58A7B", "FFE0A6", "C98F62", "6A3B4F", "FFF3CF")],
    ("hills", "night"): [hexes("101B42", "35508C", "2F5876", "0E2233", "FFF3D1"), hexes("1A1440", "4E4590", "3C4A7E", "14182F", "F1ECFF")],
    ("desert", "day"): [hexes("72C2EE", "FDF1D9", "F2CD8D", "D9964F", "FFE9A8"), hexes("A4DCEB", "FFF6DF", "F5D7A1", "E0A560", "FFE07A")],
    ("desert", "sunset"): [hexes("A44F8E", "FFB15E", "F08A55", "8C3B4A", "FFEBB0"), hexes("F2696B", "FFD58C", "E8824E", "9C3F43", "FFF2C8")],
    ("desert", "night"): [hexes("10143A", "3F3F7F", "6A5A8F", "2A2350", "FFF3D1"), hexes("171238", "5A4688", "7A5E8E", "33254F", "F4EEFF")],
    ("forest", "day"): [hexes("8AD0EE", "EAF8EF", "8CC6A4", "1F6B4A", "FFE695"), hexes("BFE6EE", "FBF7E4", "A9CFA0", "2E7A4B", "FFDC7A")],
    ("forest", "sunset"): [hexes("8A4F98", "FFB072", "B8677A", "38203F", "FFE6AC"), hexes("F47C72", "FFDCA0", "A86A62", "3B2A3C", "FFF1CB")],
    ("forest", "night"): [hexes("0C1A3A", "2E4F80", "2C5470", "0A1A28", "FFF3D1"), hexes("151238", "433F86", "33456F", "0F1428", "F0ECFF")],
    ("city", "day"): [hexes("7FC4F2", "EAF6FF", "AFC6E3", "5C7FB5", "FFE695"), hexes("A9DDEE", "FFF5E6", "C9C7E6", "7A74B8", "FFDC8A")],
    ("city", "sunset"): [hexes("7B4BA0", "FFA96B", "B9608F", "3A2158", "FFE29A"), hexes("F2707F", "FFD79A", "C26A8C", "4B2758", "FFF0C0")],
    ("city", "night"): [hexes("0C1233", "2F3B7A", "2E3A72", "0F1430", "FFDD87"), hexes("15103A", "4A3C86", "3C3576", "140F2D", "FFE7A6")],
}  # fmt: skip
